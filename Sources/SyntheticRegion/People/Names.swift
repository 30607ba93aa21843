/// Names and places to make people of. All invented; the streets and towns carry postcodes that are not in use.
enum Names {
    static let families = words(
        """
        Abbott Alder Ashdown Baverstock Bennett Blandford Bowditch Brine Burt Carter Chaffey Cluett Cox Crocker Dibben
        Dominey Durham Elford Farwell Foot Fookes Gale Galpin Gillingham Green Guppy Hallett Hansford Harding Hayward
        Hine Hodder Hooper Hughes Ingram Jeans Keynes Kellaway Khan Legg Loveless Lush Marsh Maidment Meech Miller
        Mowlam Mundy Nowak O'Brien Oakley Old Oliver Osborne Patel Paull Percy Pitman Pope Puckett Rabbetts Read
        Ridout Roper Samways Sansom Seward Shave Siân-Rees Snook Squibb Stickland Sturmey Symes Symonds Toop Trowbridge
        Tuffin Upshall Vacher Vincent Wareham Way Whiffen White Williams Wills Woolridge Yeatman Young
        """)
    static let female = words(
        """
        Agnes Aisha Alice Amelia Anna Beatrice Carol Charlotte Chloe Daisy Dorothy Edith Ellen Emily Farah Florence
        Freya Grace Hannah Harriet Ines Isla Ivy Jane Joan Joyce Karen Katarzyna Lily Louise Lucy Margaret Martha Mary
        Maya Nadia Olive Pamela Phoebe Priya Rose Ruth Sarah Sheila Siân Susan Sylvia Violet Wendy Zoë
        """)
    static let male = words(
        """
        Adam Albert Alfie Andrew Arthur Barry Benjamin Bilal Brian Charles Colin Daniel David Derek Dylan Edward Ernest
        Frank Frederick Geoffrey George Gerald Harry Henry Hugh Imran Jack James John Joseph Keith Kenneth Leo Liam
        Lucas Martin Michael Nigel Noah Oscar Owen Peter Piotr Ralph Raymond Robert Roy Samuel Stanley Thomas Walter
        """)
    static let streets = [
        "Capstan Row", "Quay Street", "Chesil Terrace", "Purbeck Close", "Lulworth Road", "Ropewalk Lane",
        "Mill Pond",
        "Durlston Avenue", "Kimmeridge Way", "Wharf Cottages", "Portland Crescent", "Badbury Rise",
    ]
    /// By council: the county's towns, Bournemouth's and Poole's.
    static let towns: [[(town: String, district: String)]] = [
        [
            ("Dorchester", "DT1"), ("Weymouth", "DT4"), ("Bridport", "DT6"), ("Christchurch", "BH23"),
            ("Swanage", "BH19"),
        ],
        [("Bournemouth", "BH8"), ("Boscombe", "BH5")],
        [("Poole", "BH15"), ("Parkstone", "BH12")],
    ]

    private static func words(_ text: String) -> [String] {
        text.split(whereSeparator: \.isWhitespace).map(String.init)
    }
}
