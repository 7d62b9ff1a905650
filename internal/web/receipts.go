package web

import (
	"kartotek/internal/consent"
	"kartotek/internal/document"
)

// receiptsPath is where a member reads the proof of what they agreed to.
const receiptsPath = consentsPath + "/receipts"

// receiptsView is a member's receipts in words.
type receiptsView struct{ Sections []document.Section }

func (v *visit) ownReceiptList() ([]consent.Receipt, error) {
	return v.house.Consents.Receipts(v.ctx(), v.actor, v.session.Person, v.public(v.session.Person), v.p.Lang())
}

func ownReceiptsPage(v *visit) error {
	all, err := v.ownReceiptList()
	if err != nil {
		return err
	}
	var view receiptsView
	for i := range all {
		view.Sections = append(view.Sections, all[i].Section(v.p))
	}
	return v.show(page{title: v.T("consent.receipt.title"), tab: tabMe, body: receiptsBody(view)})
}

// ownReceiptsPaper gives them as a PDF with the signed file inside.
func ownReceiptsPaper(v *visit) error {
	all, err := v.ownReceiptList()
	if err != nil {
		return err
	}
	file, err := consent.ReceiptsPDF(all, v.p)
	if err != nil {
		return err
	}
	return v.download(v.T("consent.receipt.file")+".pdf", "application/pdf", file)
}
