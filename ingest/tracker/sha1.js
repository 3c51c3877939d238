// Names of cookies end in a hash, as with Matomo, so that visitors keep their cookies when a site moves to us.

// Bits to shift by count modulo 32.
const rotated = (word, bits) => (word << bits) | (word >>> -bits);

/** Return the first eight hexadecimal digits of SHA-1; nobody needs more. Unlike crypto.subtle it does not wait. */
export const sha1 = (text) => {
  const bytes = [...new TextEncoder().encode(text), 128];
  const words = [];
  let state = [0x67452301, 0xefcdab89, ~0x67452301, ~0xefcdab89, 0xc3d2e1f0];
  bytes.forEach((byte, i) => (words[i >> 2] |= byte << (24 - 8 * i)));
  words[((bytes.length + 7) | 63) >> 2] = bytes.length * 8 - 8;
  for (let start = 0; start < words.length; start += 16) {
    const block = [];
    let mixed = state;
    for (let i = 0; i < 80; i++) {
      const round = (i / 20) | 0;
      const [a, b, c, d, e] = mixed;
      block[i] = i < 16 ? words[start + i] : rotated(block[i - 3] ^ block[i - 8] ^ block[i - 14] ^ block[i - 16], 1);
      mixed = [
        (rotated(a, 5) + (round % 2 ? b ^ c ^ d : d ^ ((c ^ d) & (round ? b ^ d : b))) +
          ((2 ** 30 * [2, 3, 5, 10][round] ** 0.5) | 0) + e + (block[i] | 0)) | 0,
        a, rotated(b, 30), c, d,
      ];
    }
    state = state.map((word, i) => word + mixed[i]);
  }
  return (state[0] >>> 0).toString(16).padStart(8, "0");
};

/** Return eight hexadecimal digits that nobody expected. */
export const random = () => sha1(Math.random());
