import Ciphers
import Testing
import Wire
import Zstd

@Suite struct FormatDictionaryTests {
    /// FORMAT.md names the same digest. A change here means that every store ever written is unreadable.
    @Test func versionOneIsTheOneReleased() throws {
        let dictionary = try #require(FormatDictionary.version(1))
        #expect(dictionary.bytes.count == 112_640)
        #expect(
            SHA256.hash(dictionary.bytes).hex
                == "4bf877ca987ef1f28a57e868bb141294ae7ea60693b13ba5b1ff9a2c718c518d")
    }

    @Test func otherVersionsAreUnknown() {
        for version in (UInt8.min...UInt8.max) where version != 1 {
            #expect(FormatDictionary.version(version) == nil)
        }
        #expect(FormatDictionary.version(FormatDictionary.current) != nil)
    }

    /// A frame that version 1 made, kept: it must open for ever.
    @Test func aFrameFromTheFirstReleaseStillOpens() throws {
        let frame = try #require(Hex.decode(Self.firstFrame))
        let content = try Zstd.decompress(frame, dictionary: FormatDictionary.version(1), limit: 4096)
        #expect(content == Array(Self.resource(7).utf8))
    }

    @Test func freshResourcesShrinkByTwoThirdsMoreThanWithout() throws {
        let dictionary = try #require(FormatDictionary.version(1))
        var (with, without) = (0, 0)
        for i in 0..<200 {
            let content = Array(Self.resource(i).utf8)
            let frame = try Zstd.compress(content, dictionary: dictionary)
            #expect(try Zstd.decompress(frame, dictionary: dictionary, limit: content.count) == content)
            #expect(throws: ZstdError.self) { try Zstd.decompress(frame, limit: content.count) }
            with += frame.count
            without += try Zstd.compress(content, level: 3).count
        }
        #expect(with * 3 < without, "\(with) bytes with the dictionary, \(without) without")
    }

    static func resource(_ i: Int) -> String {
        """
        {"resourceType":"Observation","id":"obs-\(i * 7919)","status":"final","category":[{"coding":[{"system":\
        "http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],"code":{"coding":[\
        {"system":"http://loinc.org","code":"8867-4","display":"Heart rate"}],"text":"Heart rate"},"subject":{\
        "reference":"Patient/p-\(i * 104_729)"},"effectiveDateTime":"2026-02-\(10 + i % 18)T09:30:00+00:00",\
        "valueQuantity":{"value":\(50 + i % 60),"unit":"/min","system":"http://unitsofmeasure.org","code":"/min"}}
        """
    }

    static let firstFrame =
        "28b52ffd60dd0015020043810321bd7d6997d95505ddad3b123b0210fc4745dd03958ef0aa24d65308c40c607e"
        + "151d0f317f61ff0a5336612fc39056cbf5c93cd46ad8446bbe9412a39a9a05"
}
