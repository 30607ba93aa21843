import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Server
import Testing
import Wire

@testable import Listeners

/// Who can be recorded, and who can be kept from being recorded: a flood of garbage hides nobody with a good token.
@Suite struct RefusalTests {
    private let path = "Condition?patient.identifier=\(ServedStore.number)"

    @Test func aFloodOfBadTokensHidesNoDenialOfAGoodOne() async throws {
        let served = try ServedStore()
        var application = try served.application()
        application.beat = .zero
        // Time stands still: none comes to be recorded because the others took long.
        let start = ContinuousClock.now
        application.now = { start }
        try await served.serving(application) { client in
            let garbage = "a.b.c"
            var statuses: [HTTPResponse.Status: Int] = [:]
            try await withThrowingTaskGroup(of: HTTPResponse.Status.self) { group in
                for _ in 0..<Int(RefusalRecorder.burst) * 5 {
                    group.addTask { [path] in try await client.get(path, garbage).status }
                }
                for try await status in group { statuses[status, default: 0] += 1 }
            }
            #expect(statuses[.unauthorized] == Int(RefusalRecorder.burst))
            #expect(statuses[.tooManyRequests] == Int(RefusalRecorder.burst) * 4)
            // A good signature, and policy says no: each has its receipt, and its own answer.
            let wrong:
                [(rule: String, status: HTTPResponse.Status, token: String, more: [(String, String)])] = [
                    ("scope", .forbidden, try served.token { $0["scope"] = "system/*.rs" }, []),
                    ("purpose", .badRequest, try served.token(), [("Daybook-Purpose", "Not A Word")]),
                    ("sequence", .badRequest, try served.token(), [("Daybook-Client-Sequence", "x")]),
                ]
            for _ in 0..<5 {
                for one in wrong {
                    let before = try served.store.log.head.position
                    let answer = try await client.get(path, one.token, one.more)
                    #expect(answer.status == one.status, "\(one.rule): \(answer.text)")
                    let recorded = try served.accesses(after: before).map(\.receipt)
                    #expect(recorded.map(\.rule) == [one.rule])
                    #expect(recorded.first?.viewer?.user == "dr-rowan")
                }
            }
        }
    }

    @Test func eachAddressHasItsOwnShareAndTheNumberLeftOutIsTold() {
        var buckets = Buckets<String>(burst: 2, aSecond: 1)
        let start = ContinuousClock.now
        #expect(buckets.take("a", now: start) == nil && buckets.take("a", now: start) == nil)
        let wait = buckets.take("a", now: start)
        #expect(wait.map { $0 > .milliseconds(900) && $0 <= .seconds(1) } ?? false)
        #expect(buckets.take("b", now: start) == nil)
        #expect(buckets.take("a", now: start + .seconds(1)) == nil)
        // Bounded in keys, and still a bound for those that come beyond.
        for number in 0..<Buckets<String>.maximumKeys + 10 { _ = buckets.take("n\(number)", now: start) }
        #expect(buckets.take("late", now: start) != nil)
        #expect(buckets.take("later", now: start + .seconds(10)) == nil)
    }

    @Test func aClientIsHeldToItsShareAndNobodyElseIs() async throws {
        let served = try ServedStore()
        var application = try served.application()
        application.settings.httpLimits.requestsASecond = 2
        application.beat = .zero
        let start = ContinuousClock.now
        application.now = { start }
        let router = application.router(served.own)
        try await Application(router: router).test(.router) { client in
            let token = try served.token()
            let head = try served.store.log.head.position
            var answers: [TestResponse] = []
            try await withThrowingTaskGroup(of: TestResponse.self) { group in
                for _ in 0..<60 { group.addTask { [path] in try await client.get(path, token) } }
                for try await answer in group { answers.append(answer) }
            }
            let held = answers.filter { $0.status == .tooManyRequests }
            // A burst of twice the rate, and time stands still.
            #expect(held.count == 56 && answers.filter { $0.status == .ok }.count == 4)
            #expect(
                held.allSatisfy {
                    Int($0.headers[.retryAfter] ?? "") ?? 0 > 0 && $0.text.contains("throttled")
                })
            // What was not looked at has no receipt.
            #expect(try served.accesses(after: head).count == answers.count - held.count)
            let other = try await client.get(path, served.development("dr-rowan"))
            #expect(other.status == .ok, "\(other.text)")
        }
    }

    @Test func aClientHasSoManyAtOnce() throws {
        var limits = HTTPLimits()
        limits.atOnceByClient = 2
        let clients = ClientLimits(limits)
        try clients.enter("a")
        try clients.enter("a")
        #expect(throws: FHIRError.self) { try clients.enter("a") }
        try clients.enter("b")
        clients.leave("a")
        try clients.enter("a")
    }
}
