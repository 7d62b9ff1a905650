package guard

// identities finds what looks like a national number of identity: six or eight digits
// that are a date, then perhaps a mark, then three or four digits more (Denmark, Iceland,
// Sweden, Finland), or eleven digits with right check digits (Norway). Telephone and
// account numbers that are no date stay quiet.
func identities(text string) []Finding {
	var found []Finding
	for i := 0; i < len(text); i++ {
		if !digit(text[i]) || i > 0 && (digit(text[i-1]) || text[i-1] == '+' || text[i-1] == '-') {
			continue
		}
		if end, hit := number(text, i); hit {
			found = append(found, Finding{Kind: Identity, Begin: i, End: end})
			i = end
		}
	}
	return found
}

func digit(b byte) bool { return b >= '0' && b <= '9' }

// number reads one number from its first digit.
func number(text string, at int) (end int, hit bool) {
	var all []byte
	marked := false
	i := at
	for ; i < len(text) && len(all) < 13; i++ {
		switch b := text[i]; {
		case digit(b):
			all = append(all, b-'0')
		case (len(all) == 6 || len(all) == 8) && !marked && (b == '-' || b == ' ' || b == '+' || b == 'A' && i+1 < len(text) && digit(text[i+1])):
			marked = true
		case len(all) == 9 && i > 0 && b >= 'A' && b <= 'Z' && marked: // the last mark of a Finnish number
			return i + 1, dayFirst(all)
		default:
			return i, numbered(all)
		}
	}
	return i, numbered(all)
}

func numbered(all []byte) bool {
	switch len(all) {
	case 10:
		return dayFirst(all) || yearFirst(all) && luhn(all)
	case 11:
		return dayFirst(all) && norwegian(all)
	case 12:
		return yearFirst(all[2:]) && luhn(all[2:])
	}
	return false
}

func dayFirst(all []byte) bool { return date(all[0]*10+all[1], all[2]*10+all[3]) }

func yearFirst(all []byte) bool { return date(all[4]*10+all[5], all[2]*10+all[3]) }

// date allows the days and months that temporary numbers add to (Norway adds 40 to the
// day or the month, Sweden 60 to the day).
func date(day, month byte) bool {
	if day > 60 {
		day -= 60
	} else if day > 40 {
		day -= 40
	}
	if month > 40 {
		month -= 40
	}
	return day >= 1 && day <= 31 && month >= 1 && month <= 12
}

// luhn is the check digit of Swedish numbers.
func luhn(all []byte) bool {
	sum := 0
	for i, d := range all {
		n := int(d)
		if i%2 == 0 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0
}

// norwegian are the two check digits of Norwegian numbers.
func norwegian(all []byte) bool {
	check := func(weights []int) bool {
		sum := 0
		for i, w := range weights {
			sum += w * int(all[i])
		}
		return sum%11 == 0
	}
	return check([]int{3, 7, 6, 1, 8, 9, 4, 5, 2, 1}) && check([]int{5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1})
}
