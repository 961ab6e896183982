package bcast.bench.durable;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Consumer;

/** A connection that is kept and posts; each line of an answer counts from when it has come. */
final class Connection implements Closeable {

    private static final int TIMEOUT_MS = 30_000;

    private final Socket socket;
    private final InputStream in;

    Connection(int port) throws IOException {
        socket = new Socket("127.0.0.1", port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MS);
        in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
    }

    /** Posts one record. Returns the answer. */
    String one(String json) throws IOException {
        String[] answer = new String[1];
        post("application/json", json, line -> answer[0] = line);
        return answer[0];
    }

    /** Posts many records, one a line, and hands over each line of the answer. */
    void many(String lines, Consumer<String> answer) throws IOException {
        post("application/x-ndjson", lines, answer);
    }

    private void post(String type, String text, Consumer<String> answer) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        byte[] head = ("POST /postNewData HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + type
                + "\r\nContent-Length: " + body.length + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        byte[] all = new byte[head.length + body.length];
        System.arraycopy(head, 0, all, 0, head.length);
        System.arraycopy(body, 0, all, head.length, body.length);
        socket.getOutputStream().write(all);
        read(head(), answer);
    }

    /** Reads status and headers. Returns the length of what follows, -1 if it comes in chunks. */
    private long head() throws IOException {
        if (!line().startsWith("HTTP/1.1 ")) {
            throw new IOException("no status");
        }
        long length = -1;
        for (String header = line(); !header.isEmpty(); header = line()) {
            if (header.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                length = Long.parseLong(header.substring("content-length:".length()).trim());
            }
        }
        return length;
    }

    private void read(long length, Consumer<String> answer) throws IOException {
        if (length < 0) {
            throw new IOException("an answer in chunks, so the batch was too large");
        }
        StringBuilder line = new StringBuilder();
        for (long left = length; left > 0; left--) {
            char next = next();
            if (next != '\n') {
                line.append(next);
            }
            if (next == '\n' || left == 1) {
                answer.accept(line.toString());
                line.setLength(0);
            }
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (char next = next(); next != '\n'; next = next()) {
            line.append(next);
        }
        return line.substring(0, line.length() - 1);
    }

    private char next() throws IOException {
        int next = in.read();
        if (next < 0) {
            throw new EOFException("the node is gone");
        }
        return (char) next;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
