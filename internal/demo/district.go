package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"

	"kartotek/internal/access"
	"kartotek/internal/app"
	"kartotek/internal/meeting"
	"kartotek/internal/notice"
	"kartotek/internal/unit"
)

// district is a Norwegian-led district of service clubs, with a few clubs in
// Denmark and Sweden. The clubs are invented; the towns are not.
func district(lang string) *federation {
	return &federation{
		founder: app.Founder{Given: "Ingvild", Family: "Hauge", Email: "ingvild.hauge@distrikt.example", OSUser: "demo"},
		staff: []employee{
			{"Turid", "Kvamme", "district-office", "district-office", spoken{
				{"nb", "Fører registeret for klubbene; ansatt og betrodd siden 2020."}, {"da", "Fører registret for klubberne; ansat og betroet siden 2020."}, {"en", "Keeps the register for the clubs; employed and trusted since 2020."}, {"sv", "Sköter registret åt klubbarna; anställd och betrodd sedan 2020."},
			}},
			{"Øystein", "Bråten", "district-office", "district-office", spoken{
				{"nb", "Hjelper klubbene med registeret; ansatt og betrodd siden 2024."}, {"da", "Hjælper klubberne med registret; ansat og betroet siden 2024."}, {"en", "Helps the clubs with the register; employed and trusted since 2024."}, {"sv", "Hjälper klubbarna med registret; anställd och betrodd sedan 2024."},
			}},
		},
		outside: holders{
			printer: notice.Holder{
				Name: "Nordlys Trykkeri", Country: "NO", Role: "processor", Tells: notice.ByList,
				Purposes: []string{"meeting-notice"}, Fields: []string{"given", "family", "address", "postal", "town"},
				Contact: notice.Contact{Who: "Kundesenteret", Email: "kunde@nordlys-trykk.example", Language: "nb", Basis: spoken{{"nb", "Databehandleravtale av 12. februar 2024 om distriktsbrevet"}, {"da", "Databehandleraftale af 12. februar 2024 om distriktsbrevet"}, {"en", "Processing agreement of 12 February 2024 on the district letter"}, {"sv", "Personuppgiftsbiträdesavtal av den 12 februari 2024 om distriktsbrevet"}}.in(lang)},
			},
			international: notice.Holder{
				Name: "International Association of Clubs", Country: "US", Role: "international", Tells: notice.ByEntry,
				Purposes: []string{"administration"}, Fields: []string{"given", "family", "address", "country", "email"},
				Contact: notice.Contact{Who: "Member Data Desk", Email: "memberdata@association.example", Language: "en", Basis: spoken{{"nb", "Lovene § 3: klubbene melder medlemmene til den internasjonale forbindelsen"}, {"da", "Lovene § 3: klubberne melder medlemmerne til det internationale forbund"}, {"en", "Bylaws § 3: the clubs report their members to the international body"}, {"sv", "Stadgarna § 3: klubbarna anmäler medlemmarna till det internationella förbundet"}}.in(lang)},
			},
			keepsNothing: notice.Holder{
				Name: "Postsenderen", Country: "NO", Role: "processor", Tells: notice.Never,
				Purposes: []string{"newsletter"}, Fields: []string{"given", "family", "email"},
				Contact: notice.Contact{Who: "Driftsvakten", Email: "drift@postsenderen.example", Language: "nb", Basis: spoken{{"nb", "Databehandleravtale: sletter etter hver utsending"}, {"da", "Databehandleraftale: sletter efter hver udsendelse"}, {"en", "Processing agreement: erases after each mailing"}, {"sv", "Personuppgiftsbiträdesavtal: raderar efter varje utskick"}}.in(lang)},
			},
			ground: spoken{
				{"nb", "Oppføringen stod bare i en trykt årbok som er delt ut til klubbene."},
				{"da", "Kortet stod kun i en trykt årbog, som er delt ud til klubberne."},
				{"en", "The entry stood only in a printed yearbook that was handed out to the clubs."},
				{"sv", "Posten stod bara i en tryckt årsbok som har delats ut till klubbarna."},
			}, street: "Nye Bjørkevei",
		},
		language: "nb", members: 4_000, first: 20101, rounds: 8,
		headings: []string{ // as a club secretary would have them
			"Medlemsnr.", "Fornavn", "Etternavn", "Kjønn", "Fødselsdato", "Adresse", "Postnr.", "Poststed", "Land",
			"E-post", "Telefon", "Mobil", "Innmeldt", "Klubb", "Kategori",
		},
		shown: shownClub, bodies: districtBodies, member: clubMember, boards: clubBoards, life: clubLife,
	}
}

// The rounds in which members are dealt to the clubs, by what they become.
const (
	presidentRound = iota
	secretaryRound
	treasurerRound
	webEditorRound
	leaderRound   // of the division
	districtRound // register manager and law committee
	memberRound   // who is shown as an ordinary member
	leavingRound
)

// shownClub is the club whose officers one signs in as.
const shownClub = "baerum"

// districtBodies are divisions and clubs: about 33 members to a club, at least
// one club in each division, and never so many clubs that filling their boards
// takes all the time.
func districtBodies(rng *rand.Rand, members int) ([]body, error) {
	clubs := min(max(members/33, 20), 160)
	var all []body
	seen := map[string]bool{}
	for i := range clubs {
		town := towns[i%len(towns)]
		name := town.name
		if again := i / len(towns); again > 0 {
			name += " " + secondNames[again-1]
		}
		division := slug(town.division)
		if !seen[division] {
			seen[division] = true
			all = append(all, body{code: division, name: town.division, level: "division"})
		}
		all = append(all, body{
			code: slug(name), name: name, level: "club", parent: division, weight: 12 + rng.IntN(34), country: town.country,
		})
	}
	return all, nil
}

// clubMember invents a row of the district's file. Neighbours' members have
// their own names, addresses and numbers, with the code of their country.
func clubMember(g *generator, number int) []string {
	b := g.body(number - g.first)
	people := peoples[b.country]
	woman := g.rng.IntN(100) < 38
	given := pick(g.rng, people.men)
	if woman {
		given = pick(g.rng, people.women)
	}
	family := skewed(g.rng, people.families)
	if b.country == "" && g.rng.IntN(6) == 0 {
		family = pick(g.rng, people.middles) + " " + family
	}
	town := townOf(b.name)
	row := []string{
		fmt.Sprint(number), given, family, map[bool]string{true: "Kvinne", false: "Mann"}[woman], g.birth(22),
		people.street(g.rng), town.postal, town.town, b.country, g.email(given, family), "", "", "", b.name, "",
	}
	if number-g.first >= g.rounds*len(g.all) && g.rng.IntN(16) == 0 { // married to the one before
		family, row[2] = g.last[2], g.last[2]
		copy(row[5:9], g.last[5:9])
		row[13] = g.last[13]
		row[9] = g.email(given, family)
		if g.rng.IntN(3) == 0 {
			row[9] = g.last[9]
		}
	}
	if g.rng.IntN(4) == 0 {
		row[10] = people.phone(g.rng, false)
	}
	if g.rng.IntN(12) != 0 {
		row[11] = people.phone(g.rng, true)
	}
	row[12] = g.joined(row[4], 22)
	switch g.rng.IntN(30) {
	case 0:
		row[14] = "Æresmedlem"
	case 1, 2, 3:
		row[14] = "Senior"
	}
	g.last = row
	return row
}

// townOf is where a club of that name meets.
func townOf(club string) town {
	for _, t := range towns {
		if club == t.name || strings.HasPrefix(club, t.name+" ") {
			return t
		}
	}
	return towns[0]
}

var electedByClub = spoken{{"nb", "Valgt på årsmøtet"}, {"da", "Valgt på generalforsamlingen"}, {"en", "Elected at the annual meeting"}, {"sv", "Vald på årsmötet"}}

// clubBoards fills the four posts of every club, gives every division a leader,
// who has no access, and the district a register manager and a law committee.
func clubBoards(b *builder, ctx context.Context) error {
	root, _ := b.Units.Tree().Root()
	led := map[string]bool{}
	term := access.Appointment{Ground: electedByClub.in(b.lang)}
	lawyers := 0
	for i, body := range b.all {
		if body.weight == 0 {
			continue
		}
		at, ok := b.Units.Tree().ByCode(body.code)
		if !ok {
			return fmt.Errorf("demo: body %s is missing", body.code)
		}
		term.From = b.Access.Today().AddDays(-30 - b.rng.IntN(60))
		term.Until = term.From.AddDays(364)
		for round, post := range []string{"president", "secretary", "treasurer", "web-editor"} {
			if err := b.appoint(ctx, i, round, at.ID, post, term); err != nil {
				return err
			}
		}
		for _, more := range []struct {
			wanted bool
			round  int
			unit   unit.ID
			post   string
		}{
			{!led[body.parent], leaderRound, at.Parent, "division-leader"},
			{body.code == shownClub, districtRound, root.ID, "register-manager"},
			{body.code != shownClub && lawyers < 3, districtRound, root.ID, "law-committee"},
		} {
			if !more.wanted {
				continue
			}
			if err := b.appoint(ctx, i, more.round, more.unit, more.post, term); err != nil {
				return err
			}
		}
		led[body.parent] = true
		if body.code != shownClub {
			lawyers++
		}
		b.Progress("boards", i+1, len(b.all))
	}
	return nil
}

// clubLife lets the shown club pull lists, destroy one and forget one, and a
// member leave.
func clubLife(b *builder, ctx context.Context) error {
	at, lawyer := b.at(shownClub), -1
	for i, body := range b.all {
		if body.weight > 0 && i != at {
			lawyer = i
			break
		}
	}
	for _, who := range []struct {
		role      string
		at, round int
	}{
		{"register-manager", at, districtRound}, {"president", at, presidentRound}, {"secretary", at, secretaryRound},
		{"treasurer", at, treasurerRound}, {"web-editor", at, webEditorRound}, {"law-committee", lawyer, districtRound},
		{"member", at, memberRound},
	} {
		if err := b.login(ctx, who.role, who.at, who.round); err != nil {
			return err
		}
	}
	if err := b.grantAccess(ctx, shownClub, granting{
		daysAgo: 40, member: 0, proposer: "president", enters: "secretary", duration: 200,
		task: "Sender ut møteinnkallingene", ground: "Innkallingene sendes til medlemmene ved navn, og sekretæren er bortreist i vår.",
		minutes: "Protokoll fra styremøtet, sak 5", reason: "Oppgaven er avgrenset til innkallinger og krever bare navn og e-post.",
		purposes: []string{"meeting-notice"}, fields: []string{"given", "family", "email"},
	}); err != nil {
		return err
	}
	for _, pull := range []struct {
		role    string
		daysAgo int
		purpose string
		attest  bool
	}{
		{"secretary", 33, "meeting-notice", false},
		{"treasurer", 24, "dues", true},
		{"web-editor", 5, "member-list", false},
	} {
		if err := b.daysAgo(ctx, pull.daysAgo); err != nil {
			return err
		}
		if err := b.pull(ctx, pull.role, pull.purpose, pull.attest); err != nil {
			return err
		}
	}
	if err := b.agreeing(ctx, 5); err != nil {
		return err
	}
	if err := b.grantAccess(ctx, shownClub, granting{
		daysAgo: 4, member: 1, proposer: "secretary", firstDay: 7, duration: 60,
		task: "Skriver navneskilt til årsmøtet", ground: "Skiltene lages av en i festkomiteen og trenger bare navnene.",
		purposes: []string{"meeting-notice"}, fields: []string{"given", "family"},
	}); err != nil {
		return err
	}
	if err := b.meet(ctx, shownClub, gathering{
		caller: "president", kind: meeting.Extraordinary, days: 40, place: "Klubbhuset", agenda: []string{"Valg av møteleder", "Valg av kasserer", "Nytt prosjekt", "Eventuelt"},
		posts: map[string]int{"treasurer": 1}, candidates: 2, question: "Skal klubben støtte skolekorpset?",
	}); err != nil {
		return err
	}
	if err := b.auditHalf(ctx, shownClub, 3); err != nil {
		return err
	}
	if err := b.passOn(ctx); err != nil {
		return err
	}
	if err := b.daysAgo(ctx, 2); err != nil {
		return err
	}
	treasurer, _ := b.loginOf("treasurer")
	if leaving, ok := b.dealt(at, leavingRound); ok && treasurer.Person != 0 {
		if err := b.Departures.PassOn(ctx, console(treasurer.Person), leaving, "phone", b.Access.Today()); err != nil {
			return err
		}
	}
	if err := b.daysAgo(ctx, 0); err != nil {
		return err
	}
	if err := b.declares(ctx); err != nil {
		return err
	}
	if err := b.pages(ctx); err != nil {
		return err
	}
	return b.writeToMembers(ctx,
		writing{
			by: "president", approves: "secretary", body: b.bodyOf("president"), purpose: "newsletter", subject: "Nytt fra klubben", replyTo: "post@klubben.example",
			text: "Kjære medlem\n\nVårens møter er nå satt: den andre tirsdagen i hver måned kl. 19.\n\nVel møtt.",
		},
		writing{
			by: "web-editor", body: b.bodyOf("web-editor"), purpose: "invitation", subject: "Bli med på dugnad 9. mai", letters: true,
			text: "Kjære medlem\n\nVi samles til dugnad på lekeplassen 9. mai kl. 10. Ta med hansker.",
		},
	)
}
