package charter

// Guard is what happens to a text about somebody that seems to hold what does not belong
// there: it is stopped and explained (L5; GDPR Art. 9, 10, 87).
type Guard struct {
	Override Switch `toml:"override"` // whoever writes may say that it is not that; it is journaled
}

// usualGuard holds where a charter says nothing of it.
func usualGuard() Guard {
	return Guard{Override: Switch{Value: true, Source: Words{
		"da": "Eget valg: et navn eller en gade kan ligne, og så må den, der skriver, kunne sige det. Det står i loggen",
		"en": "Own choice: a name or a street can look like it, and whoever writes must be able to say so. It stands in the log",
		"nb": "Eget valg: et navn eller en gate kan ligne, og da må den som skriver, kunne si det. Det står i loggen",
		"sv": "Eget val: ett namn eller en gata kan likna, och då måste den som skriver kunna säga det. Det står i loggen",
	}}}
}

func (g *Guard) rows() []Parameter { return []Parameter{g.Override.row("guard-override")} }
