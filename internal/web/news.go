package web

import (
	"slices"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/news"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// newsShown is how many names a part of the page shows; the rest are a number.
const newsShown = 100

// newsView is what is new since one last looked.
type newsView struct {
	Since   string // the day, in words
	Empty   bool
	Figures look.Figures
	Parts   []newsPart
	Path    string // of the page with all of it; "" there
	Until   string // what "seen" covers, in microseconds
	Call    bool   // there are newcomers, and one may call them
	Because look.Because
}

// newsPart is the members of one kind of news.
type newsPart struct {
	ID, Title string
	Rows      []newsRow
	More      int
}

type newsRow struct{ Name, URL, What string }

// newsScope is the Scope in which one is told news; false for a hat without.
func (v *visit) newsScope() (access.Scope, bool, error) {
	if !v.may(charter.Search) {
		return access.Scope{}, false, nil
	}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Search})
	return scope, err == nil, err
}

// newsCard is the news on the front page: numbers, which tell of nobody.
func (v *visit) newsCard() (*newsView, error) {
	scope, told, err := v.newsScope()
	if err != nil || !told {
		return nil, err
	}
	now := v.house.Now()
	d, err := v.house.News.Since(v.ctx(), scope, time.Time{})
	if err != nil {
		return nil, err
	}
	view := v.newsOf(d, now)
	view.Path = newsPath
	return &view, nil
}

// newsOf puts a digest into numbers.
func (v *visit) newsOf(d *news.Digest, now time.Time) newsView {
	view := newsView{Since: v.p.Date(v.day(d.Since)), Empty: d.Empty(), Until: digits(now.UnixMicro())}
	for _, part := range []struct {
		key   string
		count int
	}{
		{"joined", count(d.Joined)}, {"arrived", count(d.Arrived)}, {"moved", d.Moved},
		{"left", d.Left}, {"died", d.Died}, {"changed", count(d.Changed)},
	} {
		if part.count > 0 {
			view.Figures = append(view.Figures, look.Figure{Term: v.T("news.kind." + part.key), Value: v.p.Number(part.count)})
		}
	}
	return view
}

func count(set *roaring.Bitmap) int { return int(set.GetCardinality()) }

// newsPage names who is new and whose data changed; of who has gone it tells a
// number (D7).
func newsPage(v *visit) error {
	scope, told, err := v.newsScope()
	if err != nil {
		return err
	}
	if !told {
		return errNotFound
	}
	now := v.house.Now()
	d, err := v.house.News.Since(v.ctx(), scope, time.Time{})
	if err != nil {
		return err
	}
	view := v.newsOf(d, now)
	view.Call = v.may(charter.Pull) && count(d.Joined)+count(d.Arrived) > 0
	view.Because = v.becauseOf("news", scope, "time", v.p.Time(now, v.house.Charter.Location()))
	for _, part := range []struct {
		key string
		set *roaring.Bitmap
	}{{"joined", d.Joined}, {"arrived", d.Arrived}, {"changed", d.Changed}} {
		if part.set.IsEmpty() {
			continue
		}
		rows, err := v.newsRows(scope, part.set, d.Fields)
		if err != nil {
			return err
		}
		view.Parts = append(view.Parts, newsPart{
			ID: part.key, Title: v.T("news.kind." + part.key), Rows: rows, More: max(0, count(part.set)-newsShown),
		})
	}
	return v.show(page{title: v.T("news.title"), tab: tabHome, body: newsBody(view)})
}

// newsRows names the latest of a set, which the journal notes.
func (v *visit) newsRows(scope access.Scope, set *roaring.Bitmap, changed map[vault.PersonID][]string) ([]newsRow, error) {
	all := set.ToArray()
	slices.Reverse(all) // ids grow, so whoever came last is first
	var persons []vault.PersonID
	for _, person := range all[:min(len(all), newsShown)] {
		persons = append(persons, vault.PersonID(person))
	}
	names, err := v.house.Members.Names(v.ctx(), scope, persons)
	if err != nil {
		return nil, err
	}
	var rows []newsRow
	for _, person := range persons {
		name, known := names[person]
		if !known {
			continue // left in this very moment
		}
		row := newsRow{Name: name}
		if v.may(charter.View) {
			row.URL = v.cardPath(person)
		}
		var what []string
		for _, code := range changed[person] {
			what = append(what, lowered(v.fieldName(code)))
		}
		if len(what) > 0 {
			row.What = capitalised(strings.Join(what, ", "))
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// newsSeen says that one has seen what the page showed.
func newsSeen(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	scope, told, err := v.newsScope()
	if err != nil {
		return err
	}
	if !told {
		return errNotFound
	}
	if err := v.house.News.Looked(v.ctx(), scope, time.UnixMicro(f.number("until"))); err != nil {
		return err
	}
	return v.toWith(homePath, "news.notice.seen")
}
