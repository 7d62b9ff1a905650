package journal

import (
	"slices"
	"testing"

	"kartotek/internal/locale"
)

// The numbers stand in every journal there is: a change here is a mistake.
func TestActsKeepTheirNumbers(t *testing.T) {
	want := map[Act]string{
		1: "search", 2: "open", 3: "list", 4: "shown", 5: "answer", 6: "log", 7: "access", 8: "find", 9: "export",
		20: "create", 21: "edit", 22: "import", 23: "move", 24: "restrict", 25: "object",
		26: "household", 27: "split",
		28: "merge", 29: "category",
		30: "resign", 31: "close", 32: "undo", 33: "erase", 34: "certificate", 35: "hold",
		40: "requisition", 41: "approve", 42: "refuse", 43: "hand_over", 44: "attest", 45: "tell", 46: "print", 47: "post", 48: "letter", 49: "letter_drop",
		50: "appoint", 51: "dismiss", 52: "staff", 53: "unstaff",
		54: "cover", 55: "handover", 56: "substitute",
		60: "sign_in", 61: "sign_out", 62: "denied", 63: "passkey", 64: "revealed",
		65: "vouch", 66: "recover", 67: "recovered", 68: "own_address",
		70: "start", 71: "charter", 72: "unit", 73: "backup", 74: "restore", 75: "prune", 76: "epoch", 77: "duty", 78: "review",
		80: "propose", 81: "accept", 82: "decline", 83: "cancel", 84: "addition",
		85: "apply", 86: "recommend", 87: "question", 88: "reject", 89: "application_end",
		90: "round", 91: "called",
		93: "key_copy", 94: "rebuild",
		95: "rotate", 96: "shares", 97: "master_key",
		98: "dues_rates", 99: "charge", 100: "payment", 101: "remind", 102: "arrears",
		103: "kept", 104: "lift",
		108: "holder", 109: "acknowledge",
		116: "facts", 118: "trace",
		120: "merge_ask", 121: "merge_drop",
		105: "sweep", 106: "sweep_stop", 107: "sweep_decide",
		133: "mailing_submit", 134: "mailing_approve", 135: "mailing_refuse", 136: "mailing_send", 137: "mailing_stop", 138: "mailing_halt",
		122: "handout_withdraw", 123: "handout_lapse", 124: "handout_code", 125: "handout_link", 126: "consent_give", 127: "consent_withdraw",
		164: "consent_inform", 165: "consent_sheet", 166: "consent_scan", 167: "consent_settle", 169: "consent_sheet_end", 168: "consent_again", 170: "guard_override",
		128: "list_ask", 129: "list_grant", 130: "list_refuse", 131: "list_lost", 132: "close_many",
		110: "grant_propose", 111: "grant_approve", 112: "grant_refuse", 113: "grant_withdraw", 114: "grant_lapse",
		140: "meeting_plan", 141: "meeting_notice", 142: "meeting_roll", 143: "attend", 144: "vote_count", 145: "meeting_close",
		200: "audit_open", 201: "audit_answer", 202: "audit_say", 203: "audit_confirm", 204: "change_tell", 205: "change_settle",
		146: "review_open", 147: "review_answer", 148: "review_suspend", 149: "review_close", 150: "review_seen",
		186: "fellows_shown", 187: "fellow_opened", 188: "open_shown", 189: "directory_choose", 190: "directory_page",
		156: "declaration_write", 157: "declaration_submit", 158: "declaration_review", 159: "declaration_publish", 160: "declaration_announce",
		192: "pass_out", 193: "pass_tell", 194: "pass_answer", 195: "pass_run", 196: "pass_course", 197: "pass_compare",
		152: "procedure_publish", 153: "procedure_note", 154: "year_paper",
		174: "seal_certificate", 175: "agreement_ask", 176: "agreement_sign", 177: "agreement_return", 178: "agreement_accept", 179: "agreement_conclude",
		180: "agreement_fetch", 181: "processor", 182: "processor_answer", 183: "processor_settle", 184: "agreement_remind",
	}
	for _, a := range Acts() {
		if want[a] != a.String() {
			t.Errorf("act %d is %q, was %q", a, a, want[a])
		}
		if b, ok := ActNamed(a.String()); !ok || b != a {
			t.Errorf("ActNamed(%q) = %d, %v", a, b, ok)
		}
	}
	if len(Acts()) != len(want) {
		t.Errorf("%d acts, were %d", len(Acts()), len(want))
	}
	if _, ok := ActNamed("unknown"); ok || Act(0).Known() || Act(255).Known() || Act(255).String() != "unknown" {
		t.Error("an act that is none is known")
	}
}

func TestEverythingHasWords(t *testing.T) {
	keys := []string{"journal.error.unwritten", Act(255).Key(), warnNoOutside, warnSince, warnUnsigned, warnNoSeals, warnWaiting, warnRestored, warnOutsideOld}
	for _, a := range Acts() {
		keys = append(keys, a.Key())
	}
	for k := range kinds {
		keys = append(keys, Kind(k).Key())
	}
	for _, k := range problemKinds {
		keys = append(keys, k.Key())
	}
	for _, right := range []string{"post", "position", "self", "system"} {
		keys = append(keys, "journal.right."+right)
	}
	for _, lang := range locale.Languages() {
		for _, key := range keys {
			if !locale.For(lang).Has(key) {
				t.Errorf("%s: no words for %s", lang, key)
			}
		}
	}
}

func TestReadingsAreToldApart(t *testing.T) {
	for a, want := range map[Act]Kind{Search: KindSearched, Opened: KindOpened, List: KindListed, Denied: KindOther, Edit: KindOther} {
		if a.Kind() != want {
			t.Errorf("%v is %v", a, a.Kind())
		}
	}
	if !slices.IsSorted(Acts()) {
		t.Error("acts are not in order")
	}
}
