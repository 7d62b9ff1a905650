package seal

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"time"
)

// The Cryptographic Message Syntax (RFC 5652), as far as one detached signature with
// one certificate needs it. The libraries at hand write the machine's own time into a
// signature and cannot be told another; the house has one clock.

var (
	oidData          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidSigned        = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidContentType   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidSigningTime   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}
	oidCertificateV2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	oidSHA256        = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidECDSASHA256   = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
)

type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"explicit,tag:0"`
}

type encapsulated struct{ Type asn1.ObjectIdentifier }

type signedData struct {
	Version      int
	Digests      []pkix.AlgorithmIdentifier `asn1:"set"`
	Content      encapsulated
	Certificates asn1.RawValue `asn1:"tag:0"`
	Signers      []signerInfo  `asn1:"set"`
}

type signerInfo struct {
	Version    int
	Issuer     issuerAndSerial
	Digest     pkix.AlgorithmIdentifier
	Attributes asn1.RawValue `asn1:"tag:0"`
	Algorithm  pkix.AlgorithmIdentifier
	Signature  []byte
}

type issuerAndSerial struct {
	Issuer asn1.RawValue
	Serial *big.Int
}

type attribute struct {
	Type   asn1.ObjectIdentifier
	Values []asn1.RawValue `asn1:"set"`
}

// certificateV2 binds the signature to the certificate itself (RFC 5035), whose
// default digest is SHA-256.
type certificateV2 struct{ Certificates []certificateHash }
type certificateHash struct{ Hash []byte }

// attributesOf are the signed attributes of a signature, as they are signed: a set in
// the order that the encoding rules want.
func attributesOf(content []byte, certificate *x509.Certificate, at time.Time) ([]byte, error) {
	digest, bound := sha256.Sum256(content), sha256.Sum256(certificate.Raw)
	var all []attribute
	for _, a := range []struct {
		oid   asn1.ObjectIdentifier
		value any
	}{
		{oidContentType, oidData},
		{oidSigningTime, at.UTC().Truncate(time.Second)},
		{oidMessageDigest, digest[:]},
		{oidCertificateV2, certificateV2{[]certificateHash{{bound[:]}}}},
	} {
		raw, err := asn1.Marshal(a.value)
		if err != nil {
			return nil, err
		}
		all = append(all, attribute{a.oid, []asn1.RawValue{{FullBytes: raw}}})
	}
	return asn1.MarshalWithParams(all, "set")
}

// sign makes a detached signature.
func sign(content []byte, certificate *x509.Certificate, key *ecdsa.PrivateKey, at time.Time) ([]byte, error) {
	attributes, err := attributesOf(content, certificate, at)
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256(attributes)
	signature, err := key.Sign(nil, digest[:], crypto.SHA256) // the same bytes give the same signature (RFC 6979)
	if err != nil {
		return nil, err
	}
	return encode(certificate, attributes, signature)
}

func encode(certificate *x509.Certificate, attributes, signature []byte) ([]byte, error) {
	var set asn1.RawValue
	if _, err := asn1.Unmarshal(attributes, &set); err != nil {
		return nil, err
	}
	sha := pkix.AlgorithmIdentifier{Algorithm: oidSHA256}
	inner, err := asn1.Marshal(signedData{
		Version: 1, Digests: []pkix.AlgorithmIdentifier{sha}, Content: encapsulated{oidData},
		Certificates: asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: certificate.Raw},
		Signers: []signerInfo{{
			Version: 1, Issuer: issuerAndSerial{asn1.RawValue{FullBytes: certificate.RawIssuer}, certificate.SerialNumber}, Digest: sha,
			Attributes: asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: set.Bytes},
			Algorithm:  pkix.AlgorithmIdentifier{Algorithm: oidECDSASHA256}, Signature: signature,
		}},
	})
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(contentInfo{oidSigned, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: inner}})
}

var errSignature = errors.New("seal: no signature of the form written here")

// check reads a signature, in a room that zeros fill up, and holds it against what it
// was made over. It accepts no form but its own: the signature is put together again
// and compared.
func check(room, content []byte, at time.Time) (certificate *x509.Certificate, holds bool, err error) {
	var outer contentInfo
	rest, err := asn1.Unmarshal(room, &outer)
	if err != nil || len(bytes.Trim(rest, "\x00")) > 0 || !outer.Type.Equal(oidSigned) {
		return nil, false, errSignature
	}
	var data signedData
	if _, err := asn1.Unmarshal(outer.Content.Bytes, &data); err != nil || len(data.Signers) != 1 {
		return nil, false, errSignature
	}
	if certificate, err = x509.ParseCertificate(data.Certificates.Bytes); err != nil {
		return nil, false, errSignature
	}
	key, is := certificate.PublicKey.(*ecdsa.PublicKey)
	if !is {
		return nil, false, errSignature
	}
	attributes, err := attributesOf(content, certificate, at)
	if err != nil {
		return nil, false, err
	}
	signature := data.Signers[0].Signature
	again, err := encode(certificate, attributes, signature)
	if err != nil {
		return nil, false, err
	}
	digest := sha256.Sum256(attributes)
	return certificate, bytes.Equal(again, room[:len(room)-len(rest)]) && ecdsa.VerifyASN1(key, digest[:], signature), nil
}
