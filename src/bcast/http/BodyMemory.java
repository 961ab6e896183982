package bcast.http;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/**
 * Bounds the memory of all bodies being read or handled, and shares it between clients by dynamic
 * thresholds (Choudhury and Hahne, IEEE/ACM Transactions on Networking 6(2), 1998): an address may
 * hold as much as is free. So the first takes at most half, the second a quarter, and some is
 * always left for the next. Safe for use by any thread.
 */
final class BodyMemory {

    /** A request that holds more is large. */
    static final int SMALL_BYTES = 64 * 1024;

    /** One part in this many is reserved for requests that are not large. */
    static final int RESERVED_SHARE = 4;

    private final long limit;
    private final Map<InetAddress, Long> byAddress = new HashMap<>();
    private long taken;

    /** Bounds all bodies together to a number of bytes. */
    BodyMemory(long limit) {
        this.limit = limit;
    }

    /** The memory of one request, which holds none yet. */
    Account of(InetAddress address) {
        return new Account(address);
    }

    /** What one request holds. Belongs to the request's thread. */
    final class Account {
        private final InetAddress address;
        private long held;

        private Account(InetAddress address) {
            this.address = address;
        }

        /** Takes memory, or refuses the request. */
        void take(long bytes) throws HttpError {
            synchronized (BodyMemory.this) {
                boolean large = held + bytes > SMALL_BYTES;
                long free = limit - (large ? limit / RESERVED_SHARE : 0) - taken;
                long ofAddress = byAddress.getOrDefault(address, 0L) + bytes;
                if (ofAddress > free) {
                    throw new HttpError(503, "busy", "No memory for the body: requests of "
                            + address.getHostAddress() + " together may hold as much as is"
                            + " still free");
                }
                change(bytes);
            }
        }

        /** Gives back some of what was taken. */
        void giveBack(long bytes) {
            synchronized (BodyMemory.this) {
                change(-bytes);
            }
        }

        private void change(long bytes) {
            held += bytes;
            taken += bytes;
            byAddress.merge(address, bytes, (a, b) -> a + b == 0 ? null : Long.valueOf(a + b));
        }
    }
}
