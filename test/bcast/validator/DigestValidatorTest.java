package bcast.validator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;

import bcast.data.Data;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class DigestValidatorTest {

    private static final String MD5 = "fbf9957b19f15006367d7702a10d6463";

    private static Validator.Verdict check(Validator validator, String raw, String signature) {
        return validator.check(Data.of("id", raw, signature, 0));
    }

    @Test
    void acceptsTheOriginalsExample() {
        Data data = Data.of("id", "newmessage", MD5, 0);
        var verdict = assertInstanceOf(Validator.Verdict.Valid.class,
                DigestValidator.md5().check(data));
        assertSame(data, verdict.canonical());
    }

    @Test
    void knowsThePublishedVectors() {
        // RFC 1321, section A.5, and FIPS 180-4's "abc".
        assertInstanceOf(Validator.Verdict.Valid.class,
                check(DigestValidator.md5(), "abc", "900150983cd24fb0d6963f7d28e17f72"));
        assertInstanceOf(Validator.Verdict.Valid.class, check(DigestValidator.sha256(), "abc",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    }

    @Test
    void upperCaseIsBroughtToItsCanonicalForm() {
        var verdict = assertInstanceOf(Validator.Verdict.Valid.class,
                check(DigestValidator.md5(), "newmessage", MD5.toUpperCase(java.util.Locale.ROOT)));
        assertEquals(MD5, verdict.canonical().signature());
    }

    @Test
    void refusesAnythingElse() {
        for (String signature : new String[] {"x", MD5.substring(1), MD5 + "0", " " + MD5,
            "00000000000000000000000000000000"}) {
            var verdict = assertInstanceOf(Validator.Verdict.Invalid.class,
                    check(DigestValidator.md5(), "newmessage", signature));
            assertEquals("signature is not the md5 of raw", verdict.why());
        }
    }

    /** Threads that meet do not meet in one digest. */
    @Test
    void judgesForManyThreadsAtOnce() {
        Validator validator = DigestValidator.md5();
        Data genuine = Data.of("id", "newmessage", MD5, 0);
        Data forged = Data.of("id", "newmessages", MD5, 0);
        long right = IntStream.range(0, 20_000).parallel().filter(i ->
                validator.check(i % 2 == 0 ? genuine : forged)
                instanceof Validator.Verdict.Valid == (i % 2 == 0)).count();
        assertEquals(20_000, right);
    }
}
