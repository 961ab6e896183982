package bcast.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import bcast.data.Data;
import bcast.validator.Validator;
import bcast.validator.Validator.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link Validator} promises. */
public abstract class ValidatorContract {

    private static final int THREADS = 4;
    private static final int RECORDS = 200;
    private static final List<String> RAWS = List.of("a", "two words", "\u00e4\u2028\ud83d\ude00",
            "\"\\\n\u0000", "x".repeat(Data.MAX_RAW_BYTES));

    private Validator validator;

    /** The validator; any two judge alike. */
    protected abstract Validator newValidator() throws Exception;

    /** A signature that proves a text, in any form that is accepted. */
    protected abstract String signature(String raw) throws Exception;

    @BeforeEach
    final void makeValidator() throws Exception {
        validator = newValidator();
        validator.prepare();
    }

    private Data genuine(String raw) throws Exception {
        return Data.of("id", raw, signature(raw), 7);
    }

    @Test
    void acceptsWhatIsGenuineAndChangesNothingButTheSignature() throws Exception {
        for (String raw : RAWS) {
            Data given = genuine(raw);
            Data canonical = assertInstanceOf(Verdict.Valid.class, validator.check(given))
                    .canonical();
            assertEquals(given.withSignature(canonical.signature()), canonical);
        }
    }

    @Test
    void theCanonicalFormIsOne() throws Exception {
        for (String raw : RAWS) {
            Data given = genuine(raw);
            Data canonical = assertInstanceOf(Verdict.Valid.class, validator.check(given))
                    .canonical();
            assertEquals(new Verdict.Valid(canonical), validator.check(canonical));
        }
    }

    @Test
    void refusesOthersWithAReason() throws Exception {
        Data genuine = genuine("raw");
        for (Data forged : List.of(Data.of("id", "other", genuine.signature(), 7),
                genuine.withSignature("-"), genuine.withSignature("\u0000\ud83d\ude00"),
                genuine.withSignature("f".repeat(Data.MAX_SIGNATURE_BYTES)))) {
            Verdict verdict = validator.check(forged);
            String why = verdict instanceof Verdict.Untrusted untrusted ? untrusted.why()
                    : assertInstanceOf(Verdict.Invalid.class, verdict).why();
            assertFalse(why.isBlank());
        }
    }

    @Test
    void theVerdictIsTheSameAtAnyTimeOnAnyNode() throws Exception {
        Validator other = newValidator();
        assertFalse(validator.name().isBlank());
        assertEquals(validator.name(), other.name());
        Data genuine = genuine("raw");
        Data forged = Data.of("id", "other", genuine.signature(), 7);
        for (Data data : List.of(genuine, forged, genuine, genuine.withTimestamp(8))) {
            assertEquals(validator.check(data), other.check(data));
        }
    }

    @Test
    void manyThreadsMayAskAtOnce() throws Exception {
        List<Data> given = new ArrayList<>();
        List<Verdict> expected = new ArrayList<>();
        for (int i = 0; i < RECORDS; i++) {
            given.add(Data.of("id", "raw" + i, signature("raw" + i / 2 * 2), 7));
            expected.add(newValidator().check(given.get(i)));
        }
        ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (int n = 0; n < THREADS; n++) {
            threads.add(new Thread(() -> {
                for (int i = 0; i < RECORDS; i++) {
                    Verdict verdict = validator.check(given.get(i));
                    if (!verdict.equals(expected.get(i))) {
                        wrong.add(given.get(i) + ": " + verdict);
                    }
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(List.of(), List.copyOf(wrong));
    }
}
