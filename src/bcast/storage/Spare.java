package bcast.storage;

/**
 * An array made ahead of need. The system hands out and clears a large one page by page, which
 * takes some milliseconds, and whoever stores a record would wait for it. One at most waits to be
 * used, not for long, and nobody counts its bytes. Safe for use by any thread.
 */
final class Spare {

    /** Turns in which nobody took what was made before it is forgotten. */
    static final int MAX_IDLE = 20;

    private int wanted;
    private byte[] made;
    private int idle;

    /** Asks for an array of so many bytes. One of another length is forgotten. */
    synchronized void want(int length) {
        if (!ready(length)) {
            made = null;
            wanted = length;
            notifyAll();
        }
    }

    /** A turn: waits so long for something to be wanted, and makes it. */
    void turn(long ms) throws InterruptedException {
        int length;
        synchronized (this) {
            if (wanted == 0) {
                wait(ms);
            }
            length = wanted;
            if (++idle > MAX_IDLE) {
                made = null;
            }
        }
        if (length > 0) {
            made(length, array(length));
        }
    }

    /** Null if there is no memory for it: whoever needs it asks for less, or fails by itself. */
    private static byte[] array(int length) {
        try {
            return new byte[length];
        } catch (OutOfMemoryError e) {
            return null;
        }
    }

    private synchronized void made(int length, byte[] fresh) {
        if (wanted == length) {
            made = fresh;
            idle = 0;
            wanted = 0;
        }
    }

    /** Whether an array of so many bytes was made and not taken yet. */
    synchronized boolean ready(int length) {
        return made != null && made.length == length;
    }

    /**
     * An array of so many bytes, all zero: the one that was made, or else a new one. One that comes
     * too late serves the next.
     */
    byte[] take(int length) {
        synchronized (this) {
            if (ready(length)) {
                byte[] taken = made;
                made = null;
                return taken;
            }
        }
        return new byte[length];
    }
}
