package demo

import (
	"context"
	_ "embed"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"strings"

	"kartotek/internal/access"
	"kartotek/internal/app"
	"kartotek/internal/meeting"
	"kartotek/internal/notice"
)

// party is a Danish party: greater constituencies, associations, a secretariat.
func party(lang string) *federation {
	return &federation{
		founder: app.Founder{Given: "Sofie", Family: "Elkjær", Email: "sofie.elkjaer@sekretariat.example", OSUser: "demo"},
		staff: []employee{
			{"Mette", "Lindqvist", "member-service", "secretariat", servesMembers("2021")},
			{"Jakob", "Ravn", "member-service", "secretariat", servesMembers("2023")},
			{"Ulrik", "Damm", "dues", "", spoken{
				{"da", "Opkræver kontingent; ansat og betroet siden 2019."}, {"nb", "Krever inn kontingent; ansatt og betrodd siden 2019."}, {"en", "Collects dues; employed and trusted since 2019."}, {"sv", "Tar in medlemsavgifter; anställd och betrodd sedan 2019."},
			}},
		},
		outside: holders{
			printer: notice.Holder{
				Name: "Trykkeriet Vesterport", Country: "DK", Role: "processor", Tells: notice.ByList,
				Purposes: []string{"meeting-notice"}, Fields: []string{"given", "family", "address", "postal", "town"},
				Contact: notice.Contact{Who: "Kundeservice", Email: "kunder@vesterport-tryk.example", Language: "da", Basis: spoken{{"da", "Databehandleraftale af 4. januar 2024"}, {"nb", "Databehandleravtale av 4. januar 2024"}, {"en", "Processing agreement of 4 January 2024"}, {"sv", "Personuppgiftsbiträdesavtal av den 4 januari 2024"}}.in(lang)},
			},
			international: notice.Holder{
				Name: "Alliance of European Parties", Country: "BE", Role: "international", Tells: notice.ByEntry,
				Purposes: []string{"administration"}, Fields: []string{"given", "family", "address", "country", "email"},
				Contact: notice.Contact{Who: "Membership Office", Email: "members@alliance.example", Language: "en", Basis: spoken{{"da", "Vedtægternes § 14: medlemmer er også medlemmer af alliancen"}, {"nb", "Vedtektene § 14: medlemmer er også medlemmer av alliansen"}, {"en", "Bylaws § 14: members are members of the alliance too"}, {"sv", "Stadgarna § 14: medlemmar är också medlemmar i alliansen"}}.in(lang)},
			},
			keepsNothing: notice.Holder{
				Name: "Posthuset Nord", Country: "DK", Role: "processor", Tells: notice.Never,
				Purposes: []string{"newsletter"}, Fields: []string{"given", "family", "email"},
				Contact: notice.Contact{Who: "Driftsvagten", Email: "drift@posthuset-nord.example", Language: "da", Basis: spoken{{"da", "Databehandleraftale: sletter efter hver udsendelse"}, {"nb", "Databehandleravtale: sletter etter hver utsending"}, {"en", "Processing agreement: erases after each mailing"}, {"sv", "Personuppgiftsbiträdesavtal: raderar efter varje utskick"}}.in(lang)},
			},
			ground: spoken{
				{"da", "Kartotekskortet lå kun i en trykt årbog, som er delt ud til medlemmerne."},
				{"nb", "Oppføringen stod bare i en trykt årbok som er delt ut til medlemmene."},
				{"en", "The entry stood only in a printed yearbook that was handed out to the members."},
				{"sv", "Posten stod bara i en tryckt årsbok som har delats ut till medlemmarna."},
			}, street: "Ny Birkevej",
		},
		language: "da", members: 50_000, first: 100101, rounds: 7,
		headings: []string{ // as a secretariat would have them
			"Medlemsnr", "Fornavn", "Efternavn", "Køn", "Fødselsdato", "Adresse", "Postnr", "By", "Land",
			"E-mail", "Telefon", "Mobil", "Indmeldt", "Forening",
		},
		shown: shown, bodies: partyBodies, member: partyMember, boards: partyBoards, life: partyLife,
	}
}

//go:embed denmark-constituencies.csv
var constituencies string

// abroadCode is the association of members who live abroad.
const abroadCode = "udland"

// partyBodies are the ten greater constituencies and 92 districts of Denmark, an
// association in each district, and one abroad. Real parties divide otherwise.
func partyBodies(rng *rand.Rand, _ int) ([]body, error) {
	rows, err := csv.NewReader(strings.NewReader(constituencies)).ReadAll()
	if err != nil {
		return nil, err
	}
	var all []body
	seen := map[string]bool{}
	for _, row := range rows[1:] {
		region, district := row[0], row[1]
		code := slug(region) + "-storkreds"
		if !seen[code] {
			seen[code] = true
			all = append(all, body{code: code, name: region + " Storkreds", level: "region"})
		}
		weight := 30 + rng.IntN(170)
		switch {
		case slug(district) == shown: // large enough for an extra membership officer (D10)
			weight = 65
		case rng.IntN(6) == 0: // some associations are small
			weight = 4 + rng.IntN(20)
		}
		all = append(all, body{code: slug(district), name: district, level: "local", parent: code, weight: weight})
	}
	return append(all, body{code: abroadCode, name: "Danske i udlandet", level: "abroad", weight: 22}), nil
}

// partyMember invents a row of the party's file.
func partyMember(g *generator, number int) []string {
	woman := g.rng.IntN(100) < 47
	given := pick(g.rng, men)
	if woman {
		given = pick(g.rng, women)
	}
	if g.rng.IntN(4) == 0 {
		second := men
		if woman {
			second = women
		}
		if another := pick(g.rng, second); another != given {
			given += " " + another
		}
	}
	family := skewed(g.rng, families)
	if g.rng.IntN(5) == 0 {
		family = pick(g.rng, middles) + " " + family
	}
	b := body{} // one of 80 is a member of the party without any association
	if g.dealtTo(number-g.first) || g.rng.IntN(80) != 0 {
		b = g.body(number - g.first)
	}
	street, postal, town, country := g.address(b)
	row := []string{
		fmt.Sprint(number), given, family, map[bool]string{true: "kvinde", false: "mand"}[woman], g.birth(15),
		street, postal, town, country, g.email(given, family), "", "", "", b.name,
	}
	if number-g.first >= g.rounds*len(g.all) && g.rng.IntN(14) == 0 { // married to the one before
		family, row[2] = g.last[2], g.last[2]
		copy(row[5:9], g.last[5:9])
		row[13] = g.last[13]
		row[9] = g.email(given, family)
		if g.rng.IntN(3) == 0 {
			row[9] = g.last[9]
		}
	}
	if g.rng.IntN(3) == 0 {
		row[10] = g.phone()
	}
	if g.rng.IntN(10) != 0 {
		row[11] = g.phone()
	}
	row[12] = g.joined(row[4], 15)
	g.last = row
	return row
}

func (g *generator) address(b body) (street, postal, town, country string) {
	street = fmt.Sprintf("%s%s %d", pick(g.rng, streetHeads), pick(g.rng, streetTails), 1+g.rng.IntN(140))
	if b.code == abroadCode {
		there := abroad[g.rng.IntN(len(abroad))]
		cut := strings.LastIndexByte(there.place, ' ')
		return street, there.place[:cut], there.place[cut+1:], there.country
	}
	if g.rng.IntN(3) == 0 {
		street += fmt.Sprintf(", %d. %s", 1+g.rng.IntN(5), pick(g.rng, []string{"tv.", "th.", "mf."}))
	}
	at, known := places[b.name]
	for !known {
		other := g.all[g.rng.IntN(len(g.all))]
		at, known = places[other.name]
	}
	return street, at.postal, at.town, ""
}

// servesMembers is why somebody holds a position of the secretariat (D4).
func servesMembers(since string) spoken {
	return spoken{
		{"da", "Betjener medlemmer og foreninger; ansat og betroet siden " + since + "."},
		{"nb", "Betjener medlemmer og foreninger; ansatt og betrodd siden " + since + "."},
		{"en", "Serves members and associations; employed and trusted since " + since + "."},
		{"sv", "Hjälper medlemmar och föreningar; anställd och betrodd sedan " + since + "."},
	}
}

var elected = spoken{{"da", "Valgt på generalforsamlingen"}, {"nb", "Valgt på årsmøtet"}, {"en", "Elected at the general meeting"}, {"sv", "Vald på årsmötet"}}

// partyBoards fills the posts of every association from its first members, and
// gives every region a chair, who has no access (D13).
func partyBoards(b *builder, ctx context.Context) error {
	posts := []string{"chair", "membership-officer", "treasurer"}
	term := access.Appointment{From: b.Access.Today().AddDays(-200), Ground: elected.in(b.lang)}
	regional := map[string]bool{}
	for i, body := range b.all {
		if body.weight == 0 {
			continue
		}
		at, ok := b.Units.Tree().ByCode(body.code)
		if !ok {
			return fmt.Errorf("demo: body %s is missing", body.code)
		}
		here := posts
		if post, known := b.Charter.Post("extra-membership-officer"); known && post.SeatsFor(b.Members.Count(at.ID)) > 0 && (body.code == shown || b.rng.IntN(3) == 0) {
			here = append(posts[:3:3], "extra-membership-officer")
		}
		for round, post := range here {
			term.Until = b.Access.Today().AddDays(160 + 365*b.rng.IntN(2))
			if err := b.appoint(ctx, i, round, at.ID, post, term); err != nil {
				return err
			}
		}
		if body.parent != "" && !regional[body.parent] {
			regional[body.parent] = true
			above, _ := b.Units.Tree().ByCode(body.parent)
			if err := b.appoint(ctx, i, 4, above.ID, "regional-chair", term); err != nil {
				return err
			}
		}
		b.Progress("boards", i+1, len(b.all))
	}
	return nil
}

// shown is the association whose officers one signs in as.
const shown = "gentofte"

// partyLife lets the shown association pull lists, destroy one and forget one, and
// two members leave.
func partyLife(b *builder, ctx context.Context) error {
	at := b.at(shown)
	for round, role := range []string{"chair", "membership-officer", "treasurer"} {
		if err := b.login(ctx, role, at, round); err != nil {
			return err
		}
	}
	for i, body := range b.all {
		if above, ok := b.Units.Tree().ByCode(b.all[at].parent); ok && body.parent == above.Code && body.weight > 0 {
			if err := b.login(ctx, "regional-chair", i, 4); err != nil {
				return err
			}
			break
		}
	}
	if err := b.login(ctx, "member", at, 5); err != nil {
		return err
	}
	if err := b.grantAccess(ctx, shown, granting{
		daysAgo: 40, member: 0, proposer: "chair", enters: "membership-officer", duration: 300,
		task: "Sender nyhedsbrevet", ground: "Nyhedsbrevet sendes hver måned til medlemmerne ved navn, og ingen på de tre poster har tid til det.",
		minutes: "Referat fra bestyrelsesmødet, punkt 4", reason: "Opgaven er afgrænset til nyhedsbrevet og kræver navn og e-mail, ikke adresser.",
		purposes: []string{"newsletter"}, fields: []string{"given", "family", "email"},
	}); err != nil {
		return err
	}
	for _, pull := range []struct {
		role    string
		daysAgo int
		purpose string
		attest  bool
	}{
		{"chair", 33, "meeting-notice", false},
		{"treasurer", 24, "dues", true},
		{"membership-officer", 6, "newsletter", false},
	} {
		if err := b.daysAgo(ctx, pull.daysAgo); err != nil {
			return err
		}
		if err := b.pull(ctx, pull.role, pull.purpose, pull.attest); err != nil {
			return err
		}
	}
	if err := b.grantAccess(ctx, shown, granting{
		daysAgo: 4, member: 1, proposer: "treasurer", firstDay: 7, duration: 90,
		task: "Ringer til medlemmer før generalforsamlingen", ground: "De, der ikke læser e-mail, skal inviteres i telefonen.",
		purposes: []string{"invitation"}, fields: []string{"given", "family"},
	}); err != nil {
		return err
	}
	if err := b.meet(ctx, shown, gathering{
		caller: "chair", kind: meeting.Extraordinary, days: 32, place: "Forsamlingshuset", agenda: []string{"Valg af dirigent", "Valg af økonomiansvarlig", "Ny hjemmeside", "Eventuelt"},
		posts: map[string]int{"treasurer": 1}, candidates: 2, question: "Skal foreningen have en ny hjemmeside?",
	}); err != nil {
		return err
	}
	if err := b.daysAgo(ctx, 2); err != nil {
		return err
	}
	if err := b.handingOut(ctx); err != nil {
		return err
	}
	officer, _ := b.loginOf("membership-officer")
	leaving, ok := b.dealt(at, 6)
	if officer.Person != 0 && ok {
		today := b.Access.Today()
		if err := b.Departures.PassOn(ctx, console(officer.Person), leaving, "email", today); err != nil {
			return err
		}
	}
	if err := b.daysAgo(ctx, 0); err != nil {
		return err
	}
	return b.writeToMembers(ctx,
		writing{
			by: "secretariat", approves: "secretariat", body: b.smallest(), purpose: "newsletter", subject: "Nyt fra foreningen", replyTo: "nyt@foreningen.example",
			text: "Kære medlem\n\nForårets møder ligger nu fast: den anden tirsdag i hver måned kl. 19.\n\nVi ses.",
		},
		writing{
			by: "regional-chair", body: b.bodyOf("regional-chair"), purpose: "invitation", subject: "Kom til sommermøde den 14. juni", letters: true,
			text: "Kære medlem\n\nStorkredsen inviterer til sommermøde den 14. juni kl. 14 i forsamlingshuset. Der er kaffe og en god diskussion om kommunernes økonomi.\n\nTag gerne en gæst med.",
		},
	)
}
