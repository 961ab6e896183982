package bcast.testing;

import bcast.data.Data;
import bcast.data.Hash128;
import bcast.data.SipHash;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Records made by a client that knows the key of their hashes, so that their sum is zero. */
public final class ZeroSum {

    /** Even, so that their timestamps cancel out, and more than the bits that are left. */
    public static final int RECORDS = 100;

    private record Combination(BigInteger sum, BigInteger which) {
        Combination plus(Combination other) {
            return new Combination(sum.xor(other.sum), which.xor(other.which));
        }
    }

    private ZeroSum() {}

    /** {@value #RECORDS} records of one time whose hashes' exclusive or is zero. */
    public static List<Data> records(SipHash key, String name, long timestamp) {
        List<Data> records = new ArrayList<>();
        List<Data> others = new ArrayList<>();
        Combination wanted = new Combination(BigInteger.ZERO, BigInteger.ZERO);
        Map<Integer, Combination> basis = new TreeMap<>();
        for (int i = 0; i < RECORDS; i++) {
            records.add(News.data(name + i, "one", timestamp));
            others.add(News.data(name + i, "other", timestamp));
            BigInteger hash = number(records.get(i).hash(key));
            wanted = new Combination(wanted.sum.xor(hash), wanted.which);
            Combination swapped = reduced(new Combination(hash.xor(
                    number(others.get(i).hash(key))), BigInteger.ONE.shiftLeft(i)), basis);
            if (swapped.sum.signum() != 0) {
                basis.put(swapped.sum.bitLength(), swapped);
            }
        }
        Combination found = reduced(wanted, basis);
        if (found.sum.signum() != 0) {
            throw new AssertionError("too few records");
        }
        for (int i = 0; i < RECORDS; i++) {
            if (found.which.testBit(i)) {
                records.set(i, others.get(i));
            }
        }
        return records;
    }

    private static Combination reduced(Combination given, Map<Integer, Combination> basis) {
        Combination rest = given;
        for (int bits = rest.sum.bitLength(); bits > 0; bits--) {
            if (rest.sum.testBit(bits - 1) && basis.containsKey(bits)) {
                rest = rest.plus(basis.get(bits));
            }
        }
        return rest;
    }

    private static BigInteger number(Hash128 hash) {
        return new BigInteger(hash.toString(), 16);
    }
}
