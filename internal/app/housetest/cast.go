package housetest

import (
	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Cast is who is in a new house, beside its founder.
var Cast = []Role{
	{Name: "anna", Position: "member-service", Given: "Anna", Family: "Ankerstjerne"},
	{Name: "bo", Position: "member-service", Given: "Bo", Family: "Bregnerød"},
	{Name: "dorte", Position: "dues", Given: "Dorte", Family: "Dahlerup"},

	{Name: "chair", Body: "gentofte", Post: "chair", Given: "Carl", Family: "Formandsen"},
	{Name: "officer", Body: "gentofte", Post: "membership-officer", Given: "Mette", Family: "Medlemsgaard"},
	{Name: "treasurer", Body: "gentofte", Post: "treasurer", Given: "Tom", Family: "Kassemand"},
	{Name: "other chair", Body: "lyngby", Post: "chair", Given: "Lene", Family: "Lyngholm"},
	{Name: "regional chair", Body: "lyngby", At: "north", Post: "regional-chair", Given: "Rolf", Family: "Storgaard"},

	{Name: "member", Body: "gentofte", Given: "Søren Åge", Family: "Østergård-Quistorff", More: map[string]string{
		"address": "Bregnebjerglundvej 117, 3. tv.", "postal": "2820", "town": "Gentofte", "email": "soeren.quistorff@example.dk",
		"phone": "39 68 47 95", "mobile": "+47 412 34 567", "birth": "23-09-1961", "joined": "01-03-2009", "category": "pensioner",
	}},
	{Name: "neighbour", Body: "gentofte", Given: "Inger", Family: "Nabogaard", More: map[string]string{
		"address": "Bregnebjerglundvej 119", "postal": "2820", "town": "Gentofte", "email": "inger@example.dk", "mobile": "20 11 22 33",
	}},
	{Name: "secret", Body: "gentofte", Given: "Karla", Family: "Skjult", Secret: true, More: map[string]string{
		"address": "Hemmeligvej 7", "postal": "2820", "town": "Gentofte", "email": "karla@example.dk",
	}},
	{Name: "lyngby member", Body: "lyngby", Given: "Yrsa", Family: "Yding", More: map[string]string{"email": "yrsa@example.dk"}},
	{Name: "odense member", Body: "odense", Given: "Frode", Family: "Fynbo", More: map[string]string{"email": "frode@example.dk"}},
	{Name: "abroad member", Body: "abroad", Given: "Élise", Family: "Belge", More: map[string]string{"country": "BE", "mobile": "+32 470 12 34 56"}},
	{Name: "without association", Body: "party", Given: "Uno", Family: "Uden"},
}

// Role is one of the cast.
type Role struct {
	Name          string
	Position      string // in the secretariat; then no member
	Body          string // where they are a member
	Post          string // held in Body, or in At
	At            string
	Given, Family string
	Secret        bool // the address
	More          map[string]string
}

// values are the typed fields of the role.
func (r *Role) values() map[string]string {
	values := map[string]string{"given": r.Given, "family": r.Family}
	for code, value := range r.More {
		values[code] = value
	}
	return values
}

// cast makes bodies, staff, members and boards.
func (f *Fixture) cast() {
	f.t.Helper()
	f.bodies()
	for i := range Cast {
		role := &Cast[i]
		if role.Position != "" {
			f.Employ(role.Name, role.Position, member.Draft{Values: role.values()})
			continue
		}
		f.Join(role.Name, role.Body, role.values(), role.Secret)
		if role.Post == "" {
			continue
		}
		at := role.At
		if at == "" {
			at = role.Body
		}
		f.Appoint(role.Name, role.Post, at)
	}
}

func (f *Fixture) bodies() {
	f.t.Helper()
	root, _ := f.Units.Tree().Root()
	f.Bodies["party"] = root.ID
	by := f.Recorder(journal.Entry{Right: string(access.System), Via: string(access.Console)})
	for _, d := range []struct{ code, name, level, parent string }{
		{"north", "Nordsjællands Storkreds", "region", "party"},
		{"south", "Fyns Storkreds", "region", "party"},
		{"gentofte", "Gentofte", "local", "north"},
		{"lyngby", "Lyngby", "local", "north"},
		{"odense", "Odense", "local", "south"},
		{"abroad", "Danske i udlandet", "abroad", "party"},
	} {
		u, err := f.Units.Add(f.Context(), by, unit.Draft{Parent: f.Bodies[d.parent], Level: d.level, Code: d.code, Name: d.name})
		f.Must(err)
		f.Bodies[d.code] = u.ID
	}
}

// Employ enrols somebody and gives them a position, by the founder.
func (f *Fixture) Employ(name, position string, draft member.Draft) vault.PersonID {
	f.t.Helper()
	person, err := f.Members.Enrol(f.Context(), f.Scope("founder", access.Want{Act: charter.Staff}), draft)
	f.Must(err)
	_, err = f.Access.Employ(f.Context(), f.As("founder"), person, access.Position{
		Code: position, From: f.Access.Today().AddDays(-30), Ground: "keeps the register; trusted since 2020",
	})
	f.Must(err)
	f.People[name] = person
	return person
}

// Join makes somebody a member of a body, by the member service.
func (f *Fixture) Join(name, body string, values map[string]string, secret bool) vault.PersonID {
	f.t.Helper()
	category := values["category"]
	typed := map[string]string{}
	for code, value := range values {
		if code != "category" {
			typed[code] = value
		}
	}
	person, number, err := f.Members.Create(f.Context(), f.Scope("anna", access.Want{Act: charter.Create}), member.Draft{
		Values: typed, Unit: f.Bodies[body], Category: category, Secret: member.Secrecy{Secret: secret},
	})
	f.Must(err)
	f.People[name], f.Number[name] = person, number
	return person
}

// Appoint gives somebody a post for two years, by the member service.
func (f *Fixture) Appoint(name, post, body string) uint64 {
	f.t.Helper()
	today := f.Access.Today()
	id, err := f.Access.Appoint(f.Context(), f.As("anna"), f.Person(name), access.Appointment{
		Unit: f.Bodies[body], Post: post, From: today.AddDays(-30), Until: civil.Date{Year: today.Year + 2, Month: today.Month, Day: 1},
		Ground: "elected at the general meeting",
	})
	f.Must(err)
	return id
}
