package mailing_test

import (
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/mailing"
	"kartotek/internal/member"
)

var hourly = regexp.MustCompile(`(\[mailings\.per-hour\]\s+value = )\d+`)

// BenchmarkSending sends 10,000 mails to a real mail server: how fast parts are made,
// how fast the outbox gives them over, and the memory it takes.
func BenchmarkSending(b *testing.B) {
	const members = 10_000
	post := housetest.NewPost(b)
	f := housetest.Under(b, func(source string) string { return hourly.ReplaceAllString(source, "${1}1000000") }, housetest.Mail(post.Options()))
	var file strings.Builder
	file.WriteString("Fornavn;Efternavn;E-mail\n")
	for i := range members {
		fmt.Fprintf(&file, "Medlem;Nummer%d;medlem%d@example.dk\n", i, i)
	}
	_, err := f.Members.Import(f.Context(), f.Scope("anna", access.Want{Act: charter.Import}), strings.NewReader(file.String()), member.Options{Unit: f.Bodies["odense"]}, nil)
	f.Must(err)
	for b.Loop() {
		m, err := f.Mailings.Draft(f.Context(), f.As("anna"), mailing.Draft{Unit: f.Bodies["odense"], Purpose: "newsletter", Subject: "Nyt", Text: strings.Repeat("Kære medlem, vi ses. ", 100), Households: true})
		f.Must(err)
		_, err = f.Mailings.Submit(f.Context(), f.As("anna"), m.ID)
		f.Must(err)
		_, err = f.Mailings.Approve(f.Context(), f.As("bo"), m.ID)
		f.Must(err)
		before := len(post.All())
		var peak, at uint64
		heap := func() uint64 {
			var s runtime.MemStats
			runtime.ReadMemStats(&s)
			return s.HeapInuse
		}
		runtime.GC()
		at = heap()
		f.Mail.Start()
		begun := time.Now()
		var making time.Duration
		for len(post.All())-before < members {
			f.Clock.Add(5 * time.Minute) // the throttle is not what is measured
			start := time.Now()
			f.Must(f.Mailings.Work(f.Context()))
			making += time.Since(start)
			peak = max(peak, heap())
			time.Sleep(20 * time.Millisecond)
		}
		b.ReportMetric(members/time.Since(begun).Seconds(), "mails/s")
		b.ReportMetric(members/making.Seconds(), "made/s")
		b.ReportMetric(float64(int64(peak)-int64(at))/(1<<20), "MB-heap")
		f.Mail.Stop(f.Context())
	}
}
