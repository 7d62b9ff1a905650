package vault

import (
	"crypto/rand"
	"crypto/subtle"
)

// Shamir's secret sharing over GF(256), the field of AES (x⁸+x⁴+x³+x+1). Each byte
// of the secret is where a random polynomial of degree threshold-1 meets x = 0;
// share x holds its value at x. Fewer points than the threshold fit every secret
// equally well.
//
// It is our own: eighty lines, checked against the field's published products, a
// vector worked out by hand and every property it must have. The small libraries
// there are have nobody behind them any more, and the kept ones come inside
// something large.

// point is a share's number and its values.
type point struct {
	x byte
	y []byte
}

// split makes n points of which any threshold give the secret.
// 1 ≤ threshold ≤ n ≤ 255.
func split(secret []byte, n, threshold int) []point {
	points := make([]point, n)
	for i := range points {
		points[i] = point{byte(i + 1), make([]byte, len(secret))}
	}
	polynomial := make([]byte, threshold)
	defer clear(polynomial)
	for at, b := range secret {
		rand.Read(polynomial[1:])
		polynomial[0] = b
		for _, p := range points {
			p.y[at] = evaluate(polynomial, p.x)
		}
	}
	return points
}

// evaluate is the polynomial's value at x, by Horner.
func evaluate(polynomial []byte, x byte) (y byte) {
	for i := len(polynomial) - 1; i >= 0; i-- {
		y = multiply(y, x) ^ polynomial[i]
	}
	return y
}

// interpolate is the value at x of the polynomial of lowest degree through the
// points, which have different numbers.
func interpolate(points []point, x byte) []byte {
	result := make([]byte, len(points[0].y))
	for i, p := range points {
		weight := byte(1)
		for j, other := range points {
			if i != j {
				weight = multiply(weight, multiply(x^other.x, inverse(p.x^other.x)))
			}
		}
		for at := range result {
			result[at] ^= multiply(weight, p.y[at])
		}
	}
	return result
}

// multiply multiplies in the field, in the same time whatever the factors.
func multiply(a, b byte) (product byte) {
	for range 8 {
		product ^= a & -(b & 1)
		a = a<<1 ^ 0x1b&-(a>>7)
		b >>= 1
	}
	return product
}

// inverse is a²⁵⁴; of 0, which has none, 0.
func inverse(a byte) byte {
	result := byte(1)
	for bit := 7; bit >= 0; bit-- {
		result = multiply(result, result)
		if 254>>bit&1 == 1 {
			result = multiply(result, a)
		}
	}
	return result
}

// together gives the secret of the first threshold points, and false if a further
// point does not lie where theirs say.
func together(points []point, threshold int) (secret []byte, fits bool) {
	used := points[:threshold]
	for _, p := range points[threshold:] {
		if subtle.ConstantTimeCompare(interpolate(used, p.x), p.y) != 1 {
			return nil, false
		}
	}
	return interpolate(used, 0), true
}
