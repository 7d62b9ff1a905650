package demo

import "strings"

// Common Danish names, and streets and towns put together from parts. Whoever
// they make together is invented; a likeness to somebody living is chance.

func words(s string) []string { return strings.Fields(s) }

var women = words(`Anne Kirsten Mette Hanne Helle Anna Susanne Lene Marianne Maria Inge Bente Camilla Karen Lone Charlotte
Pia Jette Ida Louise Birgit Emma Birthe Julie Gitte Tina Ulla Sofie Lis Christina Inger Line Rikke Sara Annette Kirstine
Marie Freja Laura Cecilie Grethe Vibeke Malene Trine Dorthe Maja Katrine Sanne Ellen Clara Ruth Else Amalie Alberte Karla
Nanna Signe Astrid Tove Jytte Lærke Mathilde Ditte Maiken Agnes Asta Åse Solveig Ragnhild Ingrid Nora Olivia Alma Ella
Zainab Fatima Elif Aisha Mira Ewa Agnieszka Thi Nadia Amira`)

var men = words(`Peter Michael Lars Jens Thomas Henrik Søren Christian Martin Jan Morten Jesper Anders Niels Mads Rasmus
Per Hans Jørgen Kim Ole Erik Simon Frederik Bent Kristian Daniel Mikkel Jacob Poul Svend Carsten Torben Brian Claus Emil
Flemming William Kasper Allan Steen Knud Noah Oliver Johan Victor Lucas Magnus Alexander Finn Leif Bo Gert Viggo Arne Ejnar
Børge Åge Asger Esben Troels Villads Malthe Storm Valdemar Otto August Karl Aksel Øjvind Jonas Tobias Nikolaj Sebastian Ib
Mohammed Ali Ahmed Hassan Mehmet Piotr Tomasz Minh Omar Yusuf`)

var families = words(`Nielsen Jensen Hansen Pedersen Andersen Christensen Larsen Sørensen Rasmussen Jørgensen Petersen Madsen
Kristensen Olsen Thomsen Christiansen Poulsen Johansen Møller Mortensen Knudsen Jakobsen Jacobsen Mikkelsen Olesen Frederiksen
Laursen Henriksen Lund Holm Schmidt Eriksen Clausen Kristiansen Simonsen Svendsen Andreasen Iversen Østergaard Jeppesen Vestergaard
Nissen Lauridsen Kjær Jespersen Mogensen Nørgaard Jepsen Frandsen Søndergaard Jessen Carlsen Berg Bach Bertelsen Gregersen Lassen
Friis Dahl Kjeldsen Winther Lauritsen Steffensen Krogh Bruun Toft Overgaard Dam Bjerre Holst Aagaard Abildgaard Skov Ravn Damgaard
Bech Kragh Thorsen Brandt Hald Juhl Bisgaard Hedegaard Skovgaard Bonde Kjærgaard Thygesen Bjerregaard Høj Ågård Øllgaard Ærø Munk
Gade Højgaard Vinther Lykke Buch Koch Wagner Fischer Nguyen Khan Hussein Yilmaz Kowalski Nowak Abdi Haddad`)

var middles = words(`Bach Holm Lund Møller Kjær Toft Dahl Skov Berg Friis Bjerre Krogh Winther Juhl Vang`)

var streetHeads = words(`Birke Bøge Ege Elme Fasan Gran Hassel Have Hyld Kirke Kilde Krat Lærke Lind Lyng Mose Møll Nørre Pil
Ribe Rosen Skole Skov Solsort Strand Sønder Tjørne Vester Viole Æble Øster Ager Bakke Engs Gærde Hegns`)

var streetTails = words(`vej vænget gade allé parken stien bakken toften haven lunden krogen engen marken vangen`)

// A postal code and its town; public facts, one for each district.
type place struct{ postal, town string }

// places are the town of each district, by the district's name; where the
// district has a name that is no town, its best known town.
var places = map[string]place{
	"Østerbro": {"2100", "København Ø"}, "Sundbyvester": {"2300", "København S"}, "Indre By": {"1150", "København K"},
	"Sundbyøster": {"2300", "København S"}, "Nørrebro": {"2200", "København N"}, "Bispebjerg": {"2400", "København NV"},
	"Brønshøj": {"2700", "Brønshøj"}, "Valby": {"2500", "Valby"}, "Vesterbro": {"1620", "København V"},
	"Falkoner": {"2000", "Frederiksberg"}, "Slots": {"2000", "Frederiksberg"}, "Tårnby": {"2770", "Kastrup"},
	"Gentofte": {"2820", "Gentofte"}, "Lyngby": {"2800", "Kongens Lyngby"}, "Gladsaxe": {"2860", "Søborg"},
	"Rødovre": {"2610", "Rødovre"}, "Hvidovre": {"2650", "Hvidovre"}, "Brøndby": {"2605", "Brøndby"},
	"Taastrup": {"2630", "Taastrup"}, "Ballerup": {"2750", "Ballerup"}, "Helsingør": {"3000", "Helsingør"},
	"Fredensborg": {"3480", "Fredensborg"}, "Hillerød": {"3400", "Hillerød"}, "Frederikssund": {"3600", "Frederikssund"},
	"Egedal": {"3660", "Stenløse"}, "Rudersdal": {"2840", "Holte"}, "Rønne": {"3700", "Rønne"}, "Aakirkeby": {"3720", "Aakirkeby"},
	"Lolland": {"4930", "Maribo"}, "Guldborgsund": {"4800", "Nykøbing F"}, "Vordingborg": {"4760", "Vordingborg"},
	"Næstved": {"4700", "Næstved"}, "Faxe": {"4690", "Haslev"}, "Køge": {"4600", "Køge"}, "Greve": {"2670", "Greve"},
	"Roskilde": {"4000", "Roskilde"}, "Holbæk": {"4300", "Holbæk"}, "Kalundborg": {"4400", "Kalundborg"},
	"Ringsted": {"4100", "Ringsted"}, "Slagelse": {"4200", "Slagelse"}, "Odense Øst": {"5220", "Odense SØ"},
	"Odense Vest": {"5200", "Odense V"}, "Odense Syd": {"5260", "Odense S"}, "Assens": {"5610", "Assens"},
	"Middelfart": {"5500", "Middelfart"}, "Nyborg": {"5800", "Nyborg"}, "Svendborg": {"5700", "Svendborg"}, "Faaborg": {"5600", "Faaborg"},
	"Sønderborg": {"6400", "Sønderborg"}, "Aabenraa": {"6200", "Aabenraa"}, "Tønder": {"6270", "Tønder"},
	"Esbjerg By": {"6700", "Esbjerg"}, "Esbjerg Omegn": {"6710", "Esbjerg V"}, "Varde": {"6800", "Varde"}, "Vejen": {"6600", "Vejen"},
	"Vejle Nord": {"7100", "Vejle"}, "Vejle Syd": {"7120", "Vejle Øst"}, "Fredericia": {"7000", "Fredericia"},
	"Kolding Nord": {"6000", "Kolding"}, "Kolding Syd": {"6091", "Bjert"}, "Haderslev": {"6100", "Haderslev"},
	"Aarhus Syd": {"8260", "Viby J"}, "Aarhus Vest": {"8210", "Aarhus V"}, "Aarhus Nord": {"8200", "Aarhus N"},
	"Aarhus Øst": {"8000", "Aarhus C"}, "Djurs": {"8500", "Grenaa"}, "Randers Nord": {"8930", "Randers NØ"},
	"Randers Syd": {"8900", "Randers C"}, "Favrskov": {"8382", "Hinnerup"}, "Skanderborg": {"8660", "Skanderborg"},
	"Horsens": {"8700", "Horsens"}, "Hedensted": {"8722", "Hedensted"}, "Struer": {"7600", "Struer"}, "Skive": {"7800", "Skive"},
	"Viborg Vest": {"8800", "Viborg"}, "Viborg Øst": {"8850", "Bjerringbro"}, "Silkeborg Nord": {"8600", "Silkeborg"},
	"Silkeborg Syd": {"8600", "Silkeborg"}, "Ikast": {"7430", "Ikast"}, "Herning Syd": {"7400", "Herning"},
	"Herning Nord": {"7451", "Sunds"}, "Holstebro": {"7500", "Holstebro"}, "Ringkøbing": {"6950", "Ringkøbing"},
	"Frederikshavn": {"9900", "Frederikshavn"}, "Hjørring": {"9800", "Hjørring"}, "Brønderslev": {"9700", "Brønderslev"},
	"Thisted": {"7700", "Thisted"}, "Himmerland": {"9600", "Aars"}, "Mariagerfjord": {"9500", "Hobro"},
	"Aalborg Vest": {"9000", "Aalborg"}, "Aalborg Nord": {"9400", "Nørresundby"}, "Aalborg Øst": {"9220", "Aalborg Øst"},
}

// abroad is where members of the association abroad live.
var abroad = []struct{ place, country string }{
	{"1000 Bruxelles", "BE"}, {"L-1528 Luxembourg", "LU"}, {"10115 Berlin", "DE"}, {"24103 Kiel", "DE"},
	{"75004 Paris", "FR"}, {"211 20 Malmö", "SE"}, {"0150 Oslo", "NO"}, {"28013 Madrid", "ES"},
}
