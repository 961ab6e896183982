package bcast.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Counters;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;

final class GuestsTest {

    @Test
    void oneAddressMayTakeHalfAndNoMore() throws Exception {
        Counters counters = new Counters();
        Guests guests = new Guests(Guests.MAX_BY_ADDRESS, counters);
        InetAddress one = InetAddress.getByName("192.0.2.1");
        InetAddress other = InetAddress.getByName("192.0.2.2");
        for (int i = 0; i < Guests.MAX_BY_ADDRESS; i++) {
            assertTrue(guests.enter(one));
        }
        assertFalse(guests.enter(one));
        assertEquals(1, counters.get(Guests.REFUSED));
        assertTrue(guests.enter(other));
        guests.leave(one);
        assertTrue(guests.enter(one));
        assertFalse(guests.enter(one));
    }
}
