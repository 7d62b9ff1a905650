package member

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// N9, Art. 87: every way people write such a number, and none of what only
// looks like one. All numbers are invented; the checksums are right where the
// country has them.
func TestN9HoldsIdentityNumber(t *testing.T) {
	for _, s := range []string{
		"010190-1234", "0101901234", "010190 1234", "010190 - 1234", "010190–1234", "010190\u00a01234", "01 01 90 1234",
		"01.01.90-1234", "01-01-90-1234", "290200-4321", "311299-0001", "010107-4999", // modern: no checksum
		"CPR 010190-1234", "cpr:0101901234.", "(010190-1234)", "Ring til Anna, 010190-1234, efter kl. 17", "x0101901234x",
		"01011990-1234", "01-01-1990-1234", "tlf. 10 26 47 95 cpr 010190-1234", "010190/1234", "0101901234@mail.dk",
		norwegianNumber("011299", 551), "010190 " + norwegianNumber("010190", 123)[6:], "01 12 99 " + norwegianNumber("011299", 551)[6:],
		norwegianNumber("411299", 552), "Fnr. " + norwegianNumber("411299", 552), norwegianNumber("014199", 553), // D-number, H-number
		"610190-1234", "9112704321", // substitute numbers
		"811228-9874", "8112289874", "19811228-9874", "198112289874", "811228+9874", "701063-2391", "19701063-2391", // Swedish, coordination number
	} {
		if !HoldsIdentityNumber(s) {
			t.Errorf("%q passes", s)
		}
	}
	for _, s := range []string{
		"", "Anna Jensen", "10 26 47 95", "10264795", "+4510264795", "+45 10 26 47 95", "004510264795", "+4712345678", "+46 70 123 45 67",
		"+12025550123", "+1 202 555 0123", "10264795 20113045", "10 26 47 95 / 20 11 30 45", "912 34 567, 22 12 34 56",
		"100101", "1234567", "2100", "2100 København Ø", "Østergade 12, 2. tv., 2100", "1990-01-01", "01-01-1990", "19900101",
		"2026-11-22 12:34:56", "3.9.2009 14:05", "310290-1234", "320190-1234", "011390-1234", "000190-1234", "300290 1234",
		"DK5000400440116243", "5790000123456", "12345678901", "01129955100", "501228-9875", "556036-0793", "123456789012345",
		"1234-5678-9012-3456", "20111945 2100", "010190", "01-01-90", "4510264795",
	} {
		if HoldsIdentityNumber(s) {
			t.Errorf("%q is refused", s)
		}
	}
}

// Whatever the day, the serial and the text around it: a number is found, and
// a phone number, member number or postal code in its place is not.
func TestN9IdentityNumberProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		day := rapid.IntRange(1, 28).Draw(t, "day")
		month := rapid.IntRange(1, 12).Draw(t, "month")
		year := rapid.IntRange(0, 99).Draw(t, "year")
		mark := rapid.SampledFrom([]string{"", "-", " ", "–", " - "}).Draw(t, "mark")
		var number string
		switch rapid.SampledFrom([]string{"dk", "no", "se"}).Draw(t, "country") {
		case "dk":
			number = fmt.Sprintf("%02d%02d%02d%s%04d", day, month, year, mark, rapid.IntRange(0, 9999).Draw(t, "serial"))
		case "no":
			number = norwegianNumber(fmt.Sprintf("%02d%02d%02d", day+40*rapid.IntRange(0, 1).Draw(t, "D"), month, year), rapid.IntRange(0, 999).Draw(t, "serial"))
		case "se":
			number = swedishNumber(fmt.Sprintf("%02d%02d%02d", year, month, day), mark, rapid.IntRange(0, 999).Draw(t, "serial"))
		}
		around := rapid.SampledFrom([]string{"%s", "Anna %s", "%s.", "(%s)", "cpr:%s", "10264795, %s", "%s\n2100 København"}).Draw(t, "around")
		if !HoldsIdentityNumber(fmt.Sprintf(around, number)) {
			t.Fatalf("%q in %q passes", number, around)
		}
		other := rapid.SampledFrom([]string{
			fmt.Sprintf("%08d", rapid.IntRange(20000000, 99999999).Draw(t, "phone")),
			fmt.Sprintf("+45%08d", rapid.IntRange(20000000, 99999999).Draw(t, "phone")),
			fmt.Sprint(rapid.IntRange(1, 9999999).Draw(t, "member")),
			fmt.Sprintf("%04d", rapid.IntRange(0, 9999).Draw(t, "postal")),
		}).Draw(t, "other")
		if s := fmt.Sprintf(around, other); !strings.Contains(around, "10264795, ") && HoldsIdentityNumber(s) {
			t.Fatalf("%q is refused", s)
		}
	})
}

// norwegianNumber makes a number with the serial, or the next that has one: a
// check digit of ten does not exist.
func norwegianNumber(date string, serial int) string {
	n := fmt.Sprintf("%s%03d", date, serial)
	for _, weights := range [][]int{{3, 7, 6, 1, 8, 9, 4, 5, 2}, {5, 4, 3, 2, 7, 6, 5, 4, 3, 2}} {
		sum := 0
		for i, w := range weights {
			sum += w * int(n[i]-'0')
		}
		check := (11 - sum%11) % 11
		if check == 10 {
			return norwegianNumber(date, (serial+1)%1000)
		}
		n += fmt.Sprint(check)
	}
	return n
}

func swedishNumber(date, mark string, serial int) string {
	n := fmt.Sprintf("%s%03d", date, serial)
	sum := 0
	for i := range n {
		d := int(n[i]-'0') * (2 - i%2)
		sum += d/10 + d%10
	}
	return fmt.Sprintf("%s%s%03d%d", date, mark, serial, (10-sum%10)%10)
}

func BenchmarkHoldsIdentityNumber(b *testing.B) {
	for b.Loop() {
		HoldsIdentityNumber("Østergade 12, 2. tv., 2100 København Ø")
		HoldsIdentityNumber("+45 10 26 47 95 / 20 11 30 45")
	}
}
