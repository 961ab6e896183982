package bcast.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

final class BodiesTest {

    @Test
    void holdsAtItsLimitAndRefusesPast() throws HttpError {
        Bodies bodies = new Bodies(100);
        bodies.take(60);
        bodies.take(40);
        HttpError busy = assertThrows(HttpError.class, () -> bodies.take(1));
        assertEquals(503, busy.status);
        bodies.giveBack(60);
        bodies.take(60);
        assertThrows(HttpError.class, () -> bodies.take(1));
    }
}
