package bcast.http.reading;

import bcast.data.Data;
import bcast.data.JsonCursor;
import bcast.http.server.Call;
import bcast.http.server.HttpError;
import bcast.http.server.RequestThreads;
import bcast.storage.Arrival;
import bcast.storage.Storage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * Records in the order in which this node accepted them. A slow client may still read a record of
 * up to 6 MiB when the store has dropped it. So no record is kept in memory for a client: a part of
 * the current one is copied at a time. Belongs to one thread.
 */
final class ArrivedRecords implements JsonCursor {

    /** Most bytes copied at a time. */
    static final int PART_BYTES = Call.MAX_WRITE_BYTES;

    private final Storage storage;
    private final long sinceMs;
    private final long last;
    private long seq;
    private int length;
    private byte[] part = new byte[0];
    private int partFrom;
    private int partLength;

    /** Records with timestamps from {@code sinceMs} on, after one place and up to another. */
    ArrivedRecords(Storage storage, long sinceMs, long after, long last) {
        this.storage = storage;
        this.sinceMs = sinceMs;
        this.seq = after;
        this.last = last;
    }

    @Override
    public boolean next() {
        while (seq < last) {
            long upTo = storage.lastArrival();
            List<Arrival> next = storage.arrivals(seq, 1);
            if (next.isEmpty()) {
                // The records there have expired.
                seq = Math.max(seq, Math.min(upTo, last));
                return false;
            }
            Arrival arrival = next.get(0);
            if (arrival.seq() > last) {
                return false;
            }
            seq = arrival.seq();
            if (arrival.data().timestamp() >= sinceMs) {
                length = arrival.data().jsonLength();
                copy(arrival.data(), 0);
                return true;
            }
        }
        return false;
    }

    private void copy(Data data, int from) {
        int bytes = Math.min(length - from, PART_BYTES);
        if (part.length < bytes) {
            part = new byte[bytes];
        }
        data.json(from, part, 0);
        partFrom = from;
        partLength = bytes;
    }

    /** Copies the part of the current record that begins at a byte. Returns whether it is there. */
    private boolean copyAgain(int from) {
        List<Arrival> same = storage.arrivals(seq - 1, 1);
        if (same.isEmpty() || same.get(0).seq() != seq) {
            return false;
        }
        copy(same.get(0).data(), from);
        return true;
    }

    /** Place of the current record; at the end, of the last one that was there. */
    long seq() {
        return seq;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public int write(int from, byte[] target, int at) {
        if ((from < partFrom || from >= partFrom + partLength) && !copyAgain(from)) {
            return at;
        }
        int bytes = Math.min(partFrom + partLength - from, target.length - at);
        System.arraycopy(part, from - partFrom, target, at, bytes);
        return at + bytes;
    }

    /** Writes the current record, a part at a time. */
    void writeTo(OutputStream out) throws IOException, HttpError {
        out.write(part, 0, partLength);
        while (partFrom + partLength < length) {
            RequestThreads.giveWay();
            if (!copyAgain(partFrom + partLength)) {
                throw gone();
            }
            out.write(part, 0, partLength);
        }
    }

    /** Ends an answer within a record. */
    static HttpError gone() {
        return new HttpError(503, "busy", "The record expired or was replaced while it was sent");
    }
}
