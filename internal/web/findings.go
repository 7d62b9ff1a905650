package web

import "kartotek/internal/web/look"

// findings are the accesses of today that have lost their ground: what the next review
// looks at, and what somebody can see to now (D4, D8, D10, D14).
func (r *rights) findings() ([]holder, error) {
	found, err := r.house.Access.Findings(r.scope)
	if err != nil {
		return nil, err
	}
	rows := make([]holder, len(found))
	for i := range found {
		rows[i] = r.line(&found[i].Holding)
		rows[i].Tone, rows[i].State = look.Soon, found[i].Words(r.p)
	}
	return rows, nil
}
