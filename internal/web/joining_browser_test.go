package web_test

import (
	"fmt"
	"testing"

	"kartotek/internal/web/browsertest"
)

// TestTheOpenFormInABrowser judges the open form as axe, keyboard and phone see it.
func TestTheOpenFormInABrowser(t *testing.T) {
	t.Parallel()
	chromium := browsertest.Start(t)
	for _, trip := range []trip{
		{charter: "party-dk", lang: "da", width: 1280, height: 900},
		{charter: "club-no", lang: "nb", width: 390, height: 844, phone: true},
	} {
		t.Run(fmt.Sprint(trip.charter), func(t *testing.T) {
			j := set(t, chromium, trip)
			c := crawl{journey: j, met: map[string]bool{}}
			tab := c.open(t)
			tab.Arrived = nil
			tab.Visit("/signin")
			c.speak(tab)
			tab.Visit("/join")
			c.judge(tab)
			if trip.charter == "club-no" {
				tab.Eval("document.querySelector('main li a').click()")
				tab.Until("document.querySelector('#given') !== null", "true")
				c.judge(tab)
			}
		})
	}
}
