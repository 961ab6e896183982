package bcast.fuzz;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Spoils bytes in the ways that break parsers: bits, numbers, lengths, order. */
final class Mutator {

    private static final int MAX_MUTATIONS = 4;
    private static final int MAX_INSERTED = 64;
    private static final int LENGTH_BYTES = 4;

    /** Numbers at the edges of their types. */
    static final long[] EXTREMES = {0, 1, -1, 2, 127, 128, 255, 256, 32_767, 32_768, 65_535,
        65_536, Integer.MAX_VALUE, Integer.MIN_VALUE, 0xffffffffL, Long.MAX_VALUE,
        Long.MIN_VALUE, Long.MAX_VALUE / 2, 1L << 48};

    private final Random random;
    private final List<byte[]> words;

    /** Mutates by chance; what is inserted is often one of these words. */
    Mutator(Random random, String... words) {
        this.random = random;
        this.words = Arrays.stream(words).map(word ->
                word.getBytes(StandardCharsets.ISO_8859_1)).toList();
    }

    /** Some mutations of bytes; other bytes lend parts of theirs. */
    byte[] mutate(byte[] bytes, byte[] other) {
        byte[] mutated = bytes;
        // Most often one, so that what comes behind it is reached as well.
        int count = random.nextInt(3) > 0 ? 1 : 1 + random.nextInt(MAX_MUTATIONS);
        for (int i = 0; i < count; i++) {
            mutated = once(mutated, other);
        }
        return mutated;
    }

    /** The same for frames: more often than not the lengths of the result are right. */
    byte[] mutateFrame(byte[] frame, byte[] other) {
        if (!isOneFrame(frame) || random.nextInt(4) == 0) {
            return mutate(frame, other);
        }
        if (random.nextBoolean()) {
            return overwriteInFrame(frame);
        }
        byte[] body = Arrays.copyOfRange(frame, LENGTH_BYTES, frame.length);
        byte[] otherBody = Arrays.copyOfRange(other, Math.min(LENGTH_BYTES, other.length),
                other.length);
        byte[] mutated = mutate(body, otherBody);
        return ByteBuffer.allocate(LENGTH_BYTES + mutated.length).putInt(mutated.length)
                .put(mutated).array();
    }

    private static boolean isOneFrame(byte[] frame) {
        return frame.length > LENGTH_BYTES
                && ByteBuffer.wrap(frame).getInt() == frame.length - LENGTH_BYTES;
    }

    /** Changes a bit or a number behind the length of a frame. */
    byte[] overwriteInFrame(byte[] frame) {
        int at = LENGTH_BYTES + random.nextInt(frame.length - LENGTH_BYTES);
        return random.nextBoolean() ? flip(frame, at) : overwrite(frame, at, number());
    }

    private byte[] once(byte[] bytes, byte[] other) {
        if (bytes.length == 0) {
            return insert(bytes, 0, some(other));
        }
        int at = random.nextInt(bytes.length);
        return switch (random.nextInt(10)) {
            case 0, 1 -> flip(bytes, at);
            case 2 -> overwrite(bytes, at, new byte[] {(byte) random.nextInt()});
            case 3 -> overwrite(bytes, at, number());
            case 4 -> Arrays.copyOf(bytes, at);
            case 5 -> cut(bytes, at, Math.min(bytes.length, at + 1 + length(bytes)));
            case 6 -> insert(bytes, random.nextInt(bytes.length + 1), Arrays.copyOfRange(bytes, at,
                    Math.min(bytes.length, at + 1 + length(bytes))));
            case 7 -> insert(Arrays.copyOf(bytes, at), at, tail(other));
            case 8 -> insert(bytes, at, some(other));
            default -> words.isEmpty() ? insert(bytes, at, noise())
                    : insert(bytes, at, words.get(random.nextInt(words.size())));
        };
    }

    private int length(byte[] bytes) {
        return random.nextInt(4) > 0 ? random.nextInt(8) : random.nextInt(bytes.length);
    }

    private byte[] flip(byte[] bytes, int at) {
        byte[] flipped = bytes.clone();
        flipped[at] ^= (byte) (1 << random.nextInt(8));
        return flipped;
    }

    /** A number of 1, 2, 4 or 8 bytes. */
    private byte[] number() {
        long number = EXTREMES[random.nextInt(EXTREMES.length)];
        byte[] eight = ByteBuffer.allocate(Long.BYTES).putLong(number).array();
        return Arrays.copyOfRange(eight, Long.BYTES - (1 << random.nextInt(4)), Long.BYTES);
    }

    private static byte[] overwrite(byte[] bytes, int at, byte[] by) {
        byte[] written = bytes.clone();
        System.arraycopy(by, 0, written, at, Math.min(by.length, bytes.length - at));
        return written;
    }

    private static byte[] cut(byte[] bytes, int from, int to) {
        byte[] rest = Arrays.copyOf(bytes, bytes.length - (to - from));
        System.arraycopy(bytes, to, rest, from, bytes.length - to);
        return rest;
    }

    private static byte[] insert(byte[] bytes, int at, byte[] more) {
        byte[] all = Arrays.copyOf(bytes, bytes.length + more.length);
        System.arraycopy(more, 0, all, at, more.length);
        System.arraycopy(bytes, at, all, at + more.length, bytes.length - at);
        return all;
    }

    private byte[] tail(byte[] other) {
        return other.length == 0 ? noise()
                : Arrays.copyOfRange(other, random.nextInt(other.length), other.length);
    }

    private byte[] some(byte[] other) {
        if (other.length == 0) {
            return noise();
        }
        int from = random.nextInt(other.length);
        return Arrays.copyOfRange(other, from,
                Math.min(other.length, from + 1 + random.nextInt(MAX_INSERTED)));
    }

    private byte[] noise() {
        byte[] noise = new byte[1 + random.nextInt(MAX_INSERTED)];
        random.nextBytes(noise);
        return noise;
    }
}
