import ArgumentParser

/// The command line: it parses, calls the store, and prints. Everything else is below it.
struct Daybook: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daybook",
        abstract: "A shared care record that can prove what it showed.",
        discussion: """
            WHEN is an RFC 3339 instant, a date, or '#POSITION' (quoted: a shell takes a bare # for a comment). A \
            patient is an NHS number, or ODS:LOCALID. The store is ./daybook-store unless --store or DAYBOOK_STORE \
            says otherwise.

            Exit status: 0 done; 1 found a problem (verify, anything quarantined); 2 usage, or a file that is wrong; \
            3 refused by policy; 4 store or I/O trouble.
            """,
        subcommands: [
            InitCommand.self, RegionCommand.self, PolicyCommand.self, IngestCommand.self,
            QuarantineCommand.self, FindPatientCommand.self, ViewCommand.self, ExplainCommand.self,
            DiffCommand.self,
            RecordCommand.self, AccessCommand.self, LogCommand.self, ProjectionsCommand.self,
            IdentityCommand.self, DemoCommand.self, EraseCommand.self, ErasuresCommand.self,
            KeysCommand.self, BackupCommand.self, RestoreCommand.self, ServeCommand.self,
            FeedsCommand.self, TokenCommand.self,
        ]
    )
}
