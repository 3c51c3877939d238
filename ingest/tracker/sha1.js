// Names of cookies end in a hash, as with Matomo, so that visitors keep their cookies when a site moves to us.

const rotated = (word, bits) => (word << bits) | (word >>> (32 - bits));

/** Return the first eight hexadecimal digits of SHA-1; nobody needs more. Unlike crypto.subtle it does not wait. */
export const sha1 = (text) => {
  const bytes = [...new TextEncoder().encode(text), 128];
  const words = Array(((bytes.length + 71) >> 6) << 4).fill(0);
  bytes.forEach((byte, i) => (words[i >> 2] |= byte << (24 - (i % 4) * 8)));
  words[words.length - 1] = bytes.length * 8 - 8;
  const state = [0x67452301, 0xefcdab89, ~0x67452301, ~0xefcdab89, 0xc3d2e1f0];
  while (words[0] != null) {
    const block = words.splice(0, 16);
    let [a, b, c, d, e] = state;
    for (let i = 0; i < 80; i++) {
      block[i] ??= rotated(block[i - 3] ^ block[i - 8] ^ block[i - 14] ^ block[i - 16], 1);
      const round = Math.floor(i / 20);
      const mixed = round == 0 ? (b & c) | (~b & d) : round == 2 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
      const constant = Math.floor(Math.sqrt([2, 3, 5, 10][round]) * 2 ** 30);
      [a, b, c, d, e] = [(rotated(a, 5) + mixed + constant + e + block[i]) | 0, a, rotated(b, 30), c, d];
    }
    [a, b, c, d, e].forEach((word, i) => (state[i] += word));
  }
  return (state[0] >>> 0).toString(16).padStart(8, "0");
};

/** Return eight hexadecimal digits that nobody expected. */
export const random = () => sha1(Math.random());
