package journal

import (
	"container/list"
	"context"
	"sync"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
)

// The bounds of what is kept of readings. Who comes back after that begins a
// new reading: more is put on record then, never less.
const (
	heldReadings = 4096             // at a time; the longest unused goes first
	heldFor      = 15 * time.Minute // since the last keystroke
)

// readings are the searches that are still being typed.
type readings struct {
	mu    sync.Mutex
	by    map[int64]*list.Element // first entry's id → *held
	order list.List               // most recently used first
	clock func() time.Time        // nil is time.Now
}

// held is one reading: what it is and whom it has shown, as far as that is
// durable. Its lock makes the keystrokes of one reading wait for each other.
type held struct {
	mu      sync.Mutex
	first   int64
	head    string // everything but the persons, in canonical form
	persons *roaring.Bitmap
	used    time.Time
}

// Extend puts one more step of a reading on record: the keystrokes of a search,
// the pages of its hits. The first step gives 0, every later one what the step
// before returned. An entry is added only when the step shows persons that the
// reading does not hold yet, and with those alone; it returns without a write
// if there are none. Who reads otherwise (another purpose, more fields) or after
// a long pause begins a new reading. As with Read, on an error nothing may be
// shown.
func (j *Journal) Extend(ctx context.Context, first int64, e *Entry) (int64, error) {
	head := e.head()
	if h := j.readings.find(first, head); h != nil {
		h.mu.Lock()
		defer h.mu.Unlock()
		return first, j.addTo(ctx, h, e)
	}
	first, err := j.Read(ctx, e)
	if err != nil {
		return 0, err
	}
	h := &held{first: first, head: head, persons: roaring.New()}
	if e.Persons != nil {
		h.persons.Or(e.Persons)
	}
	j.readings.keep(h)
	return first, nil
}

// addTo puts the persons that a reading does not hold yet on record.
func (j *Journal) addTo(ctx context.Context, h *held, e *Entry) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if e.Persons == nil {
		return nil
	}
	fresh := roaring.AndNot(e.Persons, h.persons)
	if fresh.IsEmpty() {
		return nil
	}
	more := *e
	more.Persons, more.Reading = fresh, h.first
	if _, err := j.Read(ctx, &more); err != nil {
		return err
	}
	h.persons.Or(fresh) // only now: what is held is durable
	return nil
}

// head is the entry without its persons, to tell whether two steps are of the same reading.
func (e *Entry) head() string {
	bare := body{Entry: *e}
	bare.Reading = 0
	return string(appendBody(nil, &bare))
}

// find returns the reading that began with that entry, if it is still held and
// of that kind, and counts it as used.
func (r *readings) find(first int64, head string) *held {
	r.mu.Lock()
	defer r.mu.Unlock()
	element := r.by[first]
	if element == nil {
		return nil
	}
	h := element.Value.(*held)
	now := r.now()
	if now.Sub(h.used) > heldFor {
		r.drop(element)
		return nil
	}
	if h.head != head {
		return nil
	}
	h.used = now
	r.order.MoveToFront(element)
	return h
}

// keep holds a new reading and lets go of what is too old or too many.
func (r *readings) keep(h *held) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.by == nil {
		r.by = map[int64]*list.Element{}
	}
	h.used = r.now()
	r.by[h.first] = r.order.PushFront(h)
	for last := r.order.Back(); len(r.by) > heldReadings || h.used.Sub(last.Value.(*held).used) > heldFor; last = r.order.Back() {
		r.drop(last)
	}
}

func (r *readings) drop(element *list.Element) {
	r.order.Remove(element)
	delete(r.by, element.Value.(*held).first)
}

func (r *readings) now() time.Time {
	if r.clock != nil {
		return r.clock()
	}
	return time.Now()
}
