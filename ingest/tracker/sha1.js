// The first half of names of cookies is hashed as Matomo does it, so that visitors keep their cookies when a site moves.

const rotated = (word, bits) => (word << bits) | (word >>> (32 - bits));

const mixed = (round, b, c, d) => {
  if (round < 20) return ((b & c) | (~b & d)) + 0x5a827999;
  if (round < 40) return (b ^ c ^ d) + 0x6ed9eba1;
  if (round < 60) return ((b & c) | (b & d) | (c & d)) - 0x70e44324;
  return (b ^ c ^ d) - 0x359d3e2a;
};

/** Return the first eight hexadecimal digits of SHA-1; nobody asks for more. Synchronous, which crypto.subtle is not. */
export const sha1 = (text) => {
  const bytes = new TextEncoder().encode(text);
  const words = Array((((bytes.length + 8) >> 6) + 1) * 16).fill(0);
  [...bytes, 128].forEach((byte, i) => (words[i >> 2] |= byte << (24 - (i % 4) * 8)));
  words[words.length - 1] = bytes.length * 8;
  let state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  for (let block = 0; block < words.length; block += 16) {
    const schedule = words.slice(block, block + 16);
    let [a, b, c, d, e] = state;
    for (let i = 0; i < 80; i++) {
      schedule[i] ??= rotated(schedule[i - 3] ^ schedule[i - 8] ^ schedule[i - 14] ^ schedule[i - 16], 1);
      [a, b, c, d, e] = [(rotated(a, 5) + mixed(i, b, c, d) + e + schedule[i]) | 0, a, rotated(b, 30), c, d];
    }
    state = [a, b, c, d, e].map((word, i) => (word + state[i]) | 0);
  }
  return (state[0] >>> 0).toString(16).padStart(8, "0");
};
