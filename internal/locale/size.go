package locale

// sizeUnits are written alike in every language the program speaks.
var sizeUnits = []string{"B", "kB", "MB", "GB", "TB"}

// Size gives a number of bytes for reading: "1,2 GB".
func (p *Printer) Size(bytes int64) string {
	value, unit := float64(bytes), 0
	for value >= 1000 && unit < len(sizeUnits)-1 {
		value /= 1000
		unit++
	}
	if unit == 0 || value >= 100 {
		return p.Decimal(value, 0) + "\u00a0" + sizeUnits[unit]
	}
	return p.Decimal(value, 1) + "\u00a0" + sizeUnits[unit]
}
