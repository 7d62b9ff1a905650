package vault

import (
	"path/filepath"
	"runtime"
	"testing"
)

const recordSize = 200 // bytes of a usual record

// benchRecords is a keyring of n persons with one sealed record each.
func benchRecords(b *testing.B, n int) (k *Keyring, persons []PersonID, sealed [][]byte) {
	k, _ = testRing(b)
	persons = bulk(b, k, n)
	o := k.Opener()
	plain := make([]byte, recordSize)
	for _, p := range persons {
		s, err := o.Seal(nil, label(p, Membership), plain)
		must(b, err)
		sealed = append(sealed, s)
	}
	return k, persons, sealed
}

// bulk creates persons as an import does: two thousand to a transaction.
func bulk(t testing.TB, k *Keyring, n int) (persons []PersonID) {
	for left := n; left > 0; left -= 2000 {
		must(t, k.Write(ctx, func(tx *Tx) error {
			for range min(left, 2000) {
				p, err := tx.NewPerson()
				if err != nil {
					return err
				}
				persons = append(persons, p)
				if err := tx.Claim(ClaimNumber, number(p), p); err != nil {
					return err
				}
				if err := tx.Claim(ClaimEmail, email(p), p); err != nil {
					return err
				}
				if err := tx.Pending(p); err != nil {
					return err
				}
			}
			return nil
		}))
		must(t, k.Settle(ctx, persons[max(0, len(persons)-2000):]...))
	}
	return persons
}

// A scan: every record is another person's, so every one is unwrapped and opened.
func BenchmarkOpener(b *testing.B) {
	k, p, sealed := benchRecords(b, 20_000)
	o := k.Opener()
	plain := make([]byte, 0, 2*recordSize)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if _, err := o.Open(plain, label(p[i], Membership), sealed[i]); err != nil {
			b.Fatal(err)
		}
		i = (i + 1) % len(p)
	}
}

func BenchmarkOpenerSamePerson(b *testing.B) {
	k, p, sealed := benchRecords(b, 1)
	o := k.Opener()
	plain := make([]byte, 0, 2*recordSize)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := o.Open(plain, label(p[0], Membership), sealed[0]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkKeyringOpenParallel(b *testing.B) {
	k, p, sealed := benchRecords(b, 20_000)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		plain := make([]byte, 0, 2*recordSize)
		for i := 0; pb.Next(); i = (i + 7) % len(p) {
			if _, err := k.Open(plain, label(p[i], Membership), sealed[i]); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// An import seals the records of one person after another.
func BenchmarkOpenerSeal(b *testing.B) {
	k, p, _ := benchRecords(b, 20_000)
	o := k.Opener()
	plain, dst := make([]byte, recordSize), make([]byte, 0, 2*recordSize)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if _, err := o.Seal(dst, label(p[i], Membership), plain); err != nil {
			b.Fatal(err)
		}
		i = (i + 1) % len(p)
	}
}

// One keyring transaction of an import: 2,000 persons with a key and two claims.
func BenchmarkImport(b *testing.B) {
	k, _ := testRing(b)
	n := 0
	for b.Loop() {
		n += len(bulk(b, k, 2000))
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "persons/s")
}

func BenchmarkNewPerson(b *testing.B) {
	k, _ := testRing(b)
	for b.Loop() {
		bulk(b, k, 1)
	}
}

func BenchmarkErase(b *testing.B) {
	k, _ := testRing(b)
	persons := bulk(b, k, 20_000)
	for i := 0; b.Loop(); i++ {
		if i == len(persons) {
			b.StopTimer()
			persons, i = bulk(b, k, 20_000), 0
			b.StartTimer()
		}
		_, err := k.Erase(ctx, noon, persons[i:i+1], Membership)
		must(b, err)
	}
}

func BenchmarkFind(b *testing.B) {
	k, _ := testRing(b)
	bulk(b, k, 20_000)
	b.ReportAllocs()
	for b.Loop() {
		if got, _ := k.Find(ClaimEmail, "member777@example.org"); len(got) != 1 {
			b.Fatal(got)
		}
	}
}

// The start of a keyring, and what it holds in memory.
func BenchmarkStart(b *testing.B) {
	const n = 200_000
	m := testMaster(b)
	path := filepath.Join(b.TempDir(), "keyring.db")
	k, err := Create(ctx, path, m)
	must(b, err)
	erased := bulk(b, k, n)[:n/20]
	_, err = k.Erase(ctx, noon, erased, Membership)
	must(b, err)
	must(b, k.Close())
	k = nil
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for b.Loop() {
		k, err = Open(ctx, path, m)
		must(b, err)
		must(b, k.Close())
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/n, "bytes/person")
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "persons/s")
	runtime.KeepAlive(k)
}
