package browsertest

import (
	"fmt"
	"hash/fnv"
	"strings"
	"sync"
)

// Familiar remembers what a check has been through, by how it is made: elements,
// classes and states, not words. Pages are built of few pieces, and what holds of a
// piece in one place holds of it in another that is made alike. Safe for several tabs
// at once.
type Familiar struct {
	mu   sync.Mutex
	seen map[uint64]bool
}

// Unfamiliar is the page to Faults and ByKeyboard as far as no page of the same width
// had it before: the frame around the content, and the content's blocks with what they
// lie in. It gives whether there is any.
func (t *Tab) Unfamiliar(f *Familiar) bool {
	t.Helper()
	shapes, err := Read[[]string](t, pieces)
	if err != nil {
		t.Fatal(err)
	}
	fresh := f.claim(fmt.Sprint(t.Width, t.Phone), shapes)
	// The first piece is the frame: with it goes the whole page, for the rules that are
	// about a page.
	t.Eval(fmt.Sprintf(`window.fresh = %s.includes(0) ? undefined : %[1]s.map((i) => window.pieces[i]), ''`, numbers(fresh)))
	return len(fresh) > 0
}

// claim gives the places of the shapes that nobody has claimed for the width, and
// claims them.
func (f *Familiar) claim(width string, shapes []string) (fresh []int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.seen == nil {
		f.seen = map[uint64]bool{}
	}
	for i, shape := range shapes {
		hash := fnv.New64a()
		_, _ = hash.Write([]byte(width + shape))
		if id := hash.Sum64(); !f.seen[id] {
			f.seen[id] = true
			fresh = append(fresh, i)
		}
	}
	return fresh
}

func numbers(all []int) string {
	return strings.ReplaceAll(fmt.Sprint(all), " ", ",")
}

// pieces gives the shapes of a page's frame and of its content's blocks, and keeps the
// blocks for whoever looks at them. Neighbours made alike count once; a block tells of
// what it lies in, since a rule may be about the two.
const pieces = `(() => {
	const plain = new Set(['href', 'src', 'id', 'for', 'value', 'name', 'action', 'content', 'title', 'd', 'points', 'x', 'y', 'x1', 'x2', 'y1', 'y2', 'cx', 'cy', 'transform', 'datetime']);
	const tag = (e) => '<' + e.tagName + ' ' + [...e.attributes].map((a) => plain.has(a.name) || a.name.startsWith('aria-') ? a.name + (a.value.trim() ? '+' : '') : a.name + '=' + a.value).sort().join(' ') + '>';
	const of = (e, without) => {
		if (e === without) return '';
		const within = [...e.childNodes].map((n) => n.nodeType === Node.TEXT_NODE ? (n.data.trim() ? '·' : '') : n.nodeType === Node.ELEMENT_NODE ? of(n, without) : '');
		return tag(e) + within.filter((one, i) => one !== '' && one !== within[i - 1]).join('');
	};
	const main = document.querySelector('main');
	const shapes = [of(document.body, main)];
	window.pieces = [document.body];
	const apart = (e, around, depth) => {
		const words = [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim());
		if (depth < 6 && !words && e.children.length > 0 && ['MAIN', 'DIV', 'SECTION', 'ARTICLE', 'FORM', 'ASIDE', 'HEADER'].includes(e.tagName)) {
			for (const child of e.children) apart(child, around + tag(e), depth + 1);
		} else {
			shapes.push(around + of(e));
			window.pieces.push(e);
		}
	};
	if (main) apart(main, '', 0);
	return shapes;
})()`
