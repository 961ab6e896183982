package bcast.bench.speed;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One kept connection that costs as little as can be, so that the server is what is measured. */
final class Http implements Closeable {

    private static final int TIMEOUT_MS = 60_000;
    private static final int BUFFER_BYTES = 256 * 1024;
    private static final Pattern LENGTH = Pattern.compile("(?i)content-length: *(\\d+)");

    private final Socket socket = new Socket();
    private final InputStream in;
    private final OutputStream out;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int filled;

    /** Receives the pieces of a body. */
    interface Body {
        void piece(byte[] bytes, int from, int length);

        /** For bodies that nobody reads. */
        Body IGNORED = (bytes, from, length) -> { };
    }

    Http(int port) throws IOException {
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MS);
        socket.connect(new InetSocketAddress("127.0.0.1", port));
        in = socket.getInputStream();
        out = socket.getOutputStream();
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** A request in one piece. */
    static byte[] request(String method, String path, String type, byte[] body) {
        byte[] head = ascii(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n"
                + "Content-Type: " + type + "\r\nContent-Length: " + body.length + "\r\n\r\n");
        byte[] all = new byte[head.length + body.length];
        System.arraycopy(head, 0, all, 0, head.length);
        System.arraycopy(body, 0, all, head.length, body.length);
        return all;
    }

    /** Asks for something. Returns the length of the body. */
    long get(String path, Body body) throws IOException {
        return send(ascii("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n"), body);
    }

    /** Asks whether something is there: 200, or 404. */
    boolean found(String path) throws IOException {
        return send(ascii("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n"), Body.IGNORED,
                true) >= 0;
    }

    /** Asks for a text. */
    String text(String path) throws IOException {
        StringBuilder text = new StringBuilder();
        get(path, (bytes, from, length) ->
                text.append(new String(bytes, from, length, StandardCharsets.ISO_8859_1)));
        return text.toString();
    }

    /** Sends a request, which must succeed. Returns the length of the answer's body. */
    long send(byte[] request, Body body) throws IOException {
        return send(request, body, false);
    }

    /** The same, or -1 for a 404 if there may be one. */
    private long send(byte[] request, Body body, boolean mayLack) throws IOException {
        out.write(request);
        filled = 0;
        int end = headEnd();
        String head = new String(buffer, 0, end, StandardCharsets.ISO_8859_1);
        Matcher length = LENGTH.matcher(head);
        boolean lacks = mayLack && head.startsWith("HTTP/1.1 404 ");
        if (!lacks && !head.startsWith("HTTP/1.1 200 ") || !length.find()) {
            throw new IOException("not answered as it should be: " + head
                    + new String(buffer, end, filled - end, StandardCharsets.UTF_8));
        }
        long all = Long.parseLong(length.group(1));
        long got = filled - end;
        body.piece(buffer, end, (int) got);
        while (got < all) {
            int read = read(0);
            body.piece(buffer, 0, read);
            got += read;
        }
        return lacks ? -1 : all;
    }

    private int headEnd() throws IOException {
        while (true) {
            for (int i = 3; i < filled; i++) {
                if (buffer[i] == '\n' && buffer[i - 2] == '\n') {
                    return i + 1;
                }
            }
            filled += read(filled);
        }
    }

    private int read(int at) throws IOException {
        int read = in.read(buffer, at, buffer.length - at);
        if (read < 0) {
            throw new EOFException("the server closed the connection");
        }
        return read;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
