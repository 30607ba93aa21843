import Intake
import Wire

/// What every view says: that some information may not be shown. The same whether anything is withheld or not, so it tells of nothing.
public enum ReadNotice {
    public static let text = "Some information may not be shown"

    /// A Bundle's `meta`, with the notice as a tag.
    public static func write(to w: inout JSONWriter) {
        w.key("meta")
        w.object { w in
            w.key("tag")
            w.array { w in
                w.object { w in
                    w.member("system", "urn:daybook:notice")
                    w.member("code", "may-withhold")
                    w.member("display", text)
                }
            }
        }
    }
}
