import LMDB
import MetricsTestKit
import Server
import Testing

/// The operating limits as a metrics backend gets them.
@Suite struct StoreMetricsTests {
    @Test func theLimitsReachTheBackend() throws {
        let metrics = TestMetrics()
        let store = try TemporaryStore()
        // Each look at the trail is a receipt, and a commit of its own.
        for _ in 0..<5 { _ = try store.store.accesses(TrailRequest(count: 1, asker: TemporaryStore.asker)) }
        try StoreMetrics(store.store, factory: metrics).report()
        func value(_ name: String, _ dimensions: [(String, String)] = []) throws -> Double {
            try #require(try metrics.expectGauge(name, dimensions).lastValue, "\(name)")
        }
        #expect(try value("daybook_log_records") == 6)
        #expect(try value("daybook_log_commits") == 5 && value("daybook_log_syncs") == 5)
        #expect(try value("daybook_log_reader_slots_used") > 0)
        #expect(try value("daybook_log_stale_readers_freed") == 0)
        #expect(try value("daybook_log_queue_bytes") == 0 && value("daybook_log_queue_max_bytes") > 0)
        #expect(try value("daybook_log_map_used_bytes") > 0 && value("daybook_log_map_bytes") > 0)
        #expect(try value("daybook_log_map_use_ratio") > 0)
        #expect(try value("daybook_log_disk_free_bytes") > 0)
        #expect(try value("daybook_log_queue_units") == 0)
        #expect(try value("daybook_log_reader_slots") == Double(EnvironmentOptions.usualReaders))
        #expect(try value("daybook_clock_held_back_seconds") == 0)
        for quantile in ["0.5", "0.99", "1"] {
            let sync = try value("daybook_log_sync_seconds", [("quantile", quantile)])
            #expect(try sync > 0 && value("daybook_log_commit_seconds", [("quantile", quantile)]) >= sync)
        }
        for name in Store.projectionNames {
            #expect(try value("daybook_projection_behind_records", [("projection", name)]) >= 0)
        }
    }
}
