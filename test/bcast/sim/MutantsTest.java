package bcast.sim;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import org.junit.jupiter.api.Test;

/** {@code make mutants} takes minutes, and is not run with each change. */
final class MutantsTest {

    @Test
    void eachBugCanStillBePlanted() {
        assertDoesNotThrow(Mutants::mustBePlantable);
    }
}
