package bcast.http.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Counters;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class RequestsPerAddressTest {

    private static final int LIMIT = 1_024;

    @Test
    void oneAddressMayTakeTheLimitAndNoMore() throws Exception {
        Counters counters = new Counters();
        RequestsPerAddress requests = new RequestsPerAddress(LIMIT, counters);
        InetAddress one = InetAddress.getByName("192.0.2.1");
        InetAddress other = InetAddress.getByName("192.0.2.2");
        for (int i = 0; i < LIMIT; i++) {
            assertTrue(requests.enter(one));
        }
        assertFalse(requests.enter(one));
        assertEquals(1, counters.get(RequestsPerAddress.REFUSED));
        assertTrue(requests.enter(other));
        requests.leave(one);
        assertTrue(requests.enter(one));
        assertFalse(requests.enter(one));
    }

    @Test
    void countsRightWhoeverComesAndGoesAtOnce() throws Exception {
        Counters counters = new Counters();
        RequestsPerAddress requests = new RequestsPerAddress(1, counters);
        InetAddress address = InetAddress.getByName("192.0.2.1");
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger entered = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            Thread thread = new Thread(() -> {
                for (int i = 0; i < 50_000; i++) {
                    if (requests.enter(address)) {
                        entered.incrementAndGet();
                        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                        inside.decrementAndGet();
                        requests.leave(address);
                    }
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(1, most.get());
        assertEquals(4 * 50_000, entered.get() + counters.get(RequestsPerAddress.REFUSED));
        assertTrue(requests.enter(address), "nobody is left inside");
    }
}
