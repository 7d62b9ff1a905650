package document

import (
	"bytes"
	"encoding/csv"
	"io"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

var (
	benchColumns = []Column{{"Nr.", ID}, {"Fornavn", Text}, {"Efternavn", Text}, {"Adresse", Text}, {"Postnr.", ID}, {"By", Text}, {"E-mail", Text}, {"Telefon", Phone}}
	benchRow     = []string{"104382", "Søren", "Kjærgaard", "Nørregade 12, 2. tv", "2100", "København Ø", "soeren@eksempel.dk", "+4510264795"}
)

func BenchmarkWriteCSV(b *testing.B) {
	b.ReportAllocs()
	w := NewCSV(io.Discard, benchColumns, CSVOptions{})
	for b.Loop() {
		if err := w.Write(benchRow); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(benchRow)*b.N)/b.Elapsed().Seconds()/1e6, "Mcells/s")
}

func benchFile(rows int) []byte {
	var file bytes.Buffer
	w := NewCSV(&file, benchColumns, CSVOptions{})
	for range rows {
		if err := w.Write(benchRow); err != nil {
			panic(err)
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return file.Bytes()
}

func BenchmarkReadCSV(b *testing.B) {
	file := benchFile(10000)
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	rows := 0
	for b.Loop() {
		r, err := ReadCSV(bytes.NewReader(file), ReadOptions{})
		if err != nil {
			b.Fatal(err)
		}
		for _, err := range r.Rows() {
			if err != nil {
				b.Fatal(err)
			}
			rows++
		}
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds()/1e6, "Mrows/s")
}

// The yardstick: the standard library on the same file.
func BenchmarkEncodingCSV(b *testing.B) {
	file := benchFile(10000)
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		r := csv.NewReader(bytes.NewReader(file))
		r.Comma, r.ReuseRecord = ';', true
		for {
			if _, err := r.Read(); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
}

func TestWriterDoesNotAllocate(t *testing.T) {
	w := NewCSV(io.Discard, benchColumns, CSVOptions{})
	if n := testing.AllocsPerRun(5000, func() {
		if err := w.Write(benchRow); err != nil {
			t.Fatal(err)
		}
	}); n > 0 {
		t.Errorf("%v allocations a row", n)
	}
}

// A long file costs no more memory than a short one.
func TestReaderHoldsOneRow(t *testing.T) {
	line := strings.Join(benchRow, ";") + "\n"
	r, err := ReadCSV(&endless{line: line, lines: 300_000}, ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	rows := 0
	for _, err := range r.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		if rows++; rows == 1000 {
			runtime.GC()
			runtime.ReadMemStats(&before)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if rows != 300_000 {
		t.Errorf("%d rows", rows)
	}
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 1<<20 {
		t.Errorf("%d bytes more at the end than after a thousand rows", grown)
	}
}

// endless repeats a line so many times.
type endless struct {
	line  string
	lines int
	rest  string
}

func (e *endless) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if e.rest == "" {
			if e.lines == 0 {
				if n == 0 {
					return 0, io.EOF
				}
				return n, nil
			}
			e.rest, e.lines = e.line, e.lines-1
		}
		copied := copy(p[n:], e.rest)
		n, e.rest = n+copied, e.rest[copied:]
	}
	return n, nil
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestWriterKeepsItsError(t *testing.T) {
	w := NewCSV(brokenWriter{}, benchColumns, CSVOptions{})
	if err := w.Close(); err != io.ErrClosedPipe {
		t.Error(err)
	}
	if err := w.Write(benchRow); err != io.ErrClosedPipe {
		t.Error(err)
	}
	if _, err := WriteCSV(brokenWriter{}, Of(benchColumns, benchRow), CSVOptions{}); err != io.ErrClosedPipe {
		t.Error(err)
	}
}

// A list to XLSX beside the same list to CSV.
func BenchmarkWriteXLSX(b *testing.B) {
	b.ReportAllocs()
	row := append([]string(nil), benchRow...)
	w := NewXLSX(io.Discard, benchColumns, XLSXOptions{})
	rows := 0
	for b.Loop() {
		if rows++; rows == 1_000_000 {
			b.StopTimer()
			w, rows = NewXLSX(io.Discard, benchColumns, XLSXOptions{}), 0
			b.StartTimer()
		}
		row[0] = strconv.Itoa(100_000 + rows)
		if err := w.Write(row); err != nil {
			b.Fatal(err)
		}
	}
	csv := NewCSV(io.Discard, benchColumns, CSVOptions{})
	floor := each(100_000, func() {
		if err := csv.Write(row); err != nil {
			b.Fatal(err)
		}
	})
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/floor, "×CSV")
}

func BenchmarkReadXLSX(b *testing.B) {
	var file bytes.Buffer
	w := NewXLSX(&file, benchColumns, XLSXOptions{})
	for range 10000 {
		if err := w.Write(benchRow); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	rows := 0
	for b.Loop() {
		s, err := Open(bytes.NewReader(file.Bytes()), int64(file.Len()), ReadOptions{})
		if err != nil {
			b.Fatal(err)
		}
		for _, err := range s.Rows() {
			if err != nil {
				b.Fatal(err)
			}
			rows++
		}
	}
	plain := benchFile(10000)
	floor := each(20, func() {
		r, err := ReadCSV(bytes.NewReader(plain), ReadOptions{})
		if err != nil {
			b.Fatal(err)
		}
		for _, err := range r.Rows() {
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds()/1e6, "Mrows/s")
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/floor, "×CSV")
}

// each is how long something takes, in nanoseconds.
func each(times int, do func()) float64 {
	start := time.Now()
	for range times {
		do()
	}
	return float64(time.Since(start)) / float64(times)
}
