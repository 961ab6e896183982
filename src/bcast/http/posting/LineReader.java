package bcast.http.posting;

import bcast.http.server.HttpError;
import bcast.http.server.MemoryBudget;
import java.io.IOException;

/**
 * Reads a body line by line, with memory for one line; a longer one is skipped. Not for use by
 * several threads.
 */
final class LineReader {

    /** A line, or a whole body, as a part of an array; numbers begin at 1. */
    record Line(long number, byte[] bytes, int from, int to) {
        int length() {
            return to - from;
        }
    }

    /** Where a body's bytes come from. */
    interface Source {
        /** Reads some bytes. Returns how many, or -1 at the end. */
        int read(byte[] target, int from, int length) throws IOException, HttpError;
    }

    private static final int FIRST_BYTES = 64 * 1024;

    private final Source source;
    private final MemoryBudget.Account memory;
    private final int limit;
    private byte[] buffer;
    private int start;
    private int end;
    private int filled;
    private int next;
    private boolean tooLong;
    private boolean noMemory;
    private boolean over;
    private long number;

    /** Reads lines up to a number of bytes, without their ends. */
    LineReader(Source source, MemoryBudget.Account memory, int limit) throws HttpError {
        this.source = source;
        this.memory = memory;
        this.limit = limit;
        memory.take(FIRST_BYTES);
        this.buffer = new byte[FIRST_BYTES];
    }

    /** Goes on to the next line. Returns whether there is one. */
    boolean next() throws IOException, HttpError {
        number++;
        tooLong = false;
        noMemory = false;
        start = next;
        int at = start;
        while (true) {
            for (; at < filled; at++) {
                if (buffer[at] == '\n') {
                    end = at;
                    next = at + 1;
                    return true;
                }
            }
            if (over) {
                end = filled;
                next = filled;
                return tooLong || noMemory || end > start;
            }
            tooLong |= at - start > limit;
            noMemory |= !tooLong && start == 0 && filled == buffer.length && !grow();
            if (tooLong || noMemory) {
                // Of this line only the end still matters.
                filled = start;
            }
            at = fill();
        }
    }

    /** Moves unread bytes to the front and reads more. Returns where the new bytes begin. */
    private int fill() throws IOException, HttpError {
        int held = filled - start;
        System.arraycopy(buffer, start, buffer, 0, held);
        start = 0;
        int read = source.read(buffer, held, buffer.length - held);
        over = read < 0;
        filled = held + Math.max(read, 0);
        return held;
    }

    private boolean grow() {
        try {
            // The longest line and its end, or the byte by which it is too long.
            buffer = memory.grow(buffer, Math.min(2 * buffer.length, limit + 1));
            return true;
        } catch (HttpError full) {
            return false;
        }
    }

    /** Whether there was no memory for the line, which is skipped. */
    boolean noMemory() {
        return noMemory;
    }

    /** The current line, until the next one is read. */
    Line line() {
        return new Line(number, buffer, start, end);
    }

    boolean tooLong() {
        return tooLong || end - start > limit;
    }

    boolean blank() {
        for (int i = start; i < end; i++) {
            if (buffer[i] != ' ' && buffer[i] != '\t' && buffer[i] != '\r') {
                return false;
            }
        }
        return !tooLong && !noMemory;
    }
}
