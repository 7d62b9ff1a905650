package sheet

import "strings"

// concept is one idea that words of headings stand for.
type concept uint64

const cNoise concept = 0 // says nothing about which field it is

const (
	cNumber concept = 1 << iota
	cMember
	cName
	cGiven
	cMiddle
	cFamily
	cFull
	cSex
	cBirth
	cDate
	cAddress
	cStreet
	cHouse
	cPost
	cPostal
	cTown
	cCountry
	cCode
	cMail
	cPhone
	cMobile
	cJoined
	cSince
	cBody
	cCategory
	cSecret
	cMatch
	cMore
	cNth
	cIdentity
)

// lexicon is the words, folded, of the four languages.
var lexicon = read(map[concept]string{
	cNoise: `og and og och samt the of til to den det din dit ditt your min medlemmets medlemmens medlemmers privat privata private
		hjem hjemme hem home primaer primaert primary hoved main kontakt contact oplysninger opl evt eventuel nuvaerende aktuel current foerste
		for paa i registreret registrert registrerad udfyldes obligatorisk required valgfri valgfrit optional format`,
	cNumber:   `nr no num nummer number numero id ident`,
	cMember:   `medlem medlems medlemmer member members membership medl mdl medlemskab medlemskap medlemsskab`,
	cName:     `navn namn navne name names`,
	cGiven:    `fornavn fornavne fornamn foernamn given first forename forenames firstname givenname tilltalsnamn kaldenavn`,
	cMiddle:   `mellemnavn mellemnavne mellomnavn mellannamn middle middlename`,
	cFamily:   `efternavn efternavne etternavn etternavne efternamn surname family last lastname familyname slaegtsnavn slektsnavn familienavn`,
	cFull:     `fuld fulde fuldt full fullt fullstaendig fullstaendigt fullstendig hele hel hela whole complete komplet`,
	cSex:      `koen koenn kjoenn koon sex gender`,
	cBirth:    `foedt foedsel foedsels foedselsdag foedselsdato foedd foedde foedelse foedelsedag foedelsedatum birth birthday birthdate born dob fdato fdag fdt foeds geboren`,
	cDate:     `dato datum date dag day`,
	cAddress:  `adresse adressen adresser adress adr address addr bopael bosted bostad postadr`,
	cStreet:   `vej vejnavn gade gadenavn vei veinavn veg gate gatenavn gatu gata gatuadress street vaeg`,
	cHouse:    `hus husnr husnummer house etage dor doer side sal floor leilighet laegenhet etasje`,
	cPost:     `post`,
	cPostal:   `postnummer postnr postno postcode postkode postal zip zipcode plz`,
	cTown:     `by bynavn stad ort city town sted stedsnavn poststed postort postby postdistrikt`,
	cCountry:  `land lande country lands nation`,
	cCode:     `kode kod code koder`,
	cMail:     `mail email epost mailadr emailadr mejl`,
	cPhone:    `telefon telefoner telefonnr tlf tel tfn telephone phone fon fastnet fasttelefon fast fasta landline`,
	cMobile:   `mobil mobilnr mob mobile cell cellphone mobiltelefon mobilen`,
	cJoined:   `indmeldt indmeldelse indm innmeldt innmelding innm intraede intraedde intradt joined join joining indtraadt indtraadte tilmeldt`,
	cSince:    `siden fra sedan since from fraan`,
	cBody:     `forening foreninger lokalforening vaelgerforening foerening klub klubb club afdeling avdeling avdelning lokalavdelning lokallag partilag kreds krets branch association chapter lokalavdeling`,
	cCategory: `kategori kategorier category type typ medlemstype`,
	cSecret:   `adressebeskyttelse adressesperre hemmelig hemlig secret sperret spaerret fortrolig beskyttet beskyttelse skyddad skyddade skydd protected confidential`,
	cMatch:    `match same samme`,
	cMore:     `co linje line rad linie ekstra extra`,
	cIdentity: `cpr cprnr personnummer personnr foedselsnummer foedselsnr fnr ssn`,
})

func read(words map[concept]string) map[string]concept {
	all := map[string]concept{}
	for c, list := range words {
		for _, word := range strings.Fields(list) {
			all[word] = c
		}
	}
	return all
}

// meanings are what concepts make together: all of must, nothing beyond may.
// The first that fits counts.
var meanings = []struct {
	code      string
	must, may concept
}{
	{"number", cMember | cNumber, cMember | cNumber},
	{"number", cNumber, cNumber},
	{FullName, cName, cName | cMember | cFull},
	{FullName, cFull | cMember, cFull | cMember},
	{"given", cGiven, cGiven | cMiddle | cName | cMember},
	{"family", cFamily, cFamily | cName | cMember},
	{"sex", cSex, cSex | cMember},
	{"birth", cBirth, cBirth | cDate | cMember},
	{Whole, cFull | cAddress, cFull | cAddress | cPost | cMember},
	{Whole, cAddress | cPostal | cTown, cAddress | cStreet | cHouse | cNumber | cPost | cPostal | cTown | cMember | cFull},
	{Whole, cStreet | cPostal | cTown, cAddress | cStreet | cHouse | cNumber | cPost | cPostal | cTown},
	{Whole, cAddress | cPost | cNumber | cTown, cAddress | cPost | cNumber | cTown | cPostal},
	{Place, cPostal | cTown, cPostal | cTown | cPost | cNumber | cCode | cName},
	{Place, cPost | cNumber | cTown, cPostal | cTown | cPost | cNumber},
	{"postal", cPostal, cPostal | cNumber | cCode | cPost},
	{"postal", cPost | cNumber, cPost | cNumber},
	{"postal", cPost | cCode, cPost | cCode},
	{"town", cTown, cTown | cName | cPost},
	{House, cHouse, cHouse | cNumber},
	{MoreAddress, cMore, cMore},
	{MoreAddress, cMore | cAddress, cMore | cAddress | cNth},
	{MoreAddress, cNth | cAddress, cNth | cAddress},
	{"country", cCountry, cCountry | cCode | cName},
	{Secret, cSecret, cSecret | cAddress | cMember},
	{"email", cMail, cMail | cAddress | cMember},
	{"mobile", cMobile, cMobile | cPhone | cNumber | cMember},
	{"phone", cPhone, cPhone | cNumber | cMember},
	{"joined", cJoined, cJoined | cDate | cMember},
	{"joined", cMember | cSince, cMember | cSince | cDate},
	{"joined", cMember | cDate | cSince, cMember | cDate | cSince},
	{"unit", cBody, cBody | cName | cCode | cNumber},
	{"category", cCategory, cCategory | cMember},
	{"address", cAddress, cAddress | cStreet | cPost | cMember | cNumber},
	{"address", cStreet, cAddress | cStreet | cNumber | cName | cHouse | cPost},
	{Match, cMatch, cMatch | cMember},
}

// choices are answers of the choices the program knows, in four languages.
var choices = table(map[string]string{
	"female": "k kvinde kvinder kvindelig kvinne kvinnelig kvinna f female woman w q fru frk froeken mrs ms dame hunkoen",
	"male":   "m mand maend mandlig mann mannlig man male herr hr mr herre hankoen",
	"other":  "x a o andet annet annat other binaer|ikke binaer|ikke oplyst|ikke oppgitt|ej angivet|not stated|non binary|nonbinary|uoplyst|ukendt|ukjent",
})

// categories are words for kinds of membership and the codes they may be.
var categories = func() map[string][]string {
	all := map[string][]string{}
	for codes, words := range map[string]string{
		"ordinary active":             "ordinaer|ordinaert|ordinaert medlem|ordinaerer|ordinaere|ordinary|ordinarie|almindelig|almindeligt medlem|alminnelig|normal|standard|fuldt medlem|full member|hovedmedlem|huvudmedlem|regular",
		"active ordinary":             "aktiv|aktivt|aktivt medlem|aktive|active|active member",
		"youth":                       "ungdom|ungdomsmedlem|unge|ung|youth|ungdomar|junior|young",
		"student":                     "studerende|student|studenter|studiemedlem|elev|apprentice|students",
		"pensioner senior":            "pensionist|pensioner|pensjonist|pensionaer|efterloenner|foertidspensionist|retired|aeldre",
		"senior pensioner":            "senior|seniorer|seniormedlem",
		"household family":            "husstand|husstandsmedlem|husstand medlem|familie|familiemedlem|family|household|hushaall|hushaallsmedlem|familj|aegtefaelle",
		"honorary":                    "aeresmedlem|aeres|honorary|hedersmedlem|heders|honorary member|aeresmedlemskab",
		"passive supporting on-leave": "passiv|passivt|passivt medlem|passive|stoettemedlem|stoedmedlem|supporting|stoette",
		"on-leave leave passive":      "orlov|paa orlov|permisjon|tjaenstledig|on leave|leave",
		"dual":                        "dobbelt|dobbeltmedlem|dual|dobbeltmedlemskab|dubbelmedlem",
		"central":                     "centralmedlem|centralt medlem|direkte medlem|direktemedlem|central",
	} {
		for _, word := range strings.Split(words, "|") {
			all[word] = strings.Fields(codes)
		}
	}
	return all
}()

// table reads words by what they mean; "|" stands between phrases.
func table(meanings map[string]string) map[string]string {
	all := map[string]string{}
	for meaning, words := range meanings {
		phrases := strings.Split(words, "|")
		for i, phrase := range phrases {
			if i == 0 && len(phrases) > 1 || len(phrases) == 1 {
				for _, word := range strings.Fields(phrase) {
					all[word] = meaning
				}
				continue
			}
			all[phrase] = meaning
		}
	}
	return all
}
