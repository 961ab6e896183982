package bcast.testing;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** One connection, byte by byte, for what a well-behaved client never sends. */
public final class RawHttp implements AutoCloseable {

    private static final int TIMEOUT_MS = 20_000;

    private final Socket socket;

    /** An answer. */
    public record Answer(int status, String head, String body) {
        /** A header's value, or an empty text. */
        public String header(String name) {
            for (String line : head.split("\r\n")) {
                if (line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":")) {
                    return line.substring(name.length() + 1).trim();
                }
            }
            return "";
        }
    }

    public RawHttp(int port) throws IOException {
        this(port, "127.0.0.1");
    }

    /** A connection from an address of this machine. */
    public RawHttp(int port, String from) throws IOException {
        socket = new Socket("127.0.0.1", port, InetAddress.getByName(from), 0);
        socket.setSoTimeout(TIMEOUT_MS);
        socket.setTcpNoDelay(true);
    }

    /** Sends bytes as they are. */
    public RawHttp send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
        return this;
    }

    /** Sends text as UTF-8. */
    public RawHttp send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Posts a body and reads the answer. */
    public Answer post(byte[] body, String... headers) throws IOException {
        StringBuilder head = new StringBuilder("POST /postNewData HTTP/1.1\r\nHost: localhost\r\n"
                + "Content-Length: " + body.length + "\r\n");
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
        all.writeBytes(body);
        try {
            send(all.toByteArray());
        } catch (IOException cut) {
            // The other side answered and closed before it took everything.
            return answer();
        }
        return answer();
    }

    /** Reads one answer with a known length. */
    public Answer answer() throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
            int b = in.read();
            if (b < 0) {
                throw new EOFException("closed after: " + head);
            }
            head.append((char) b);
        }
        Answer noBody = new Answer(Integer.parseInt(head.substring(9, 12)), head.toString(), "");
        String length = noBody.header("Content-Length");
        byte[] body = in.readNBytes(length.isEmpty() ? 0 : Integer.parseInt(length));
        return new Answer(noBody.status, noBody.head, new String(body, StandardCharsets.UTF_8));
    }

    /** All that still comes, until the other side closes the connection. */
    public String rest() throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    /** Whether the other side closes the connection. */
    public boolean closed() throws IOException {
        try {
            return socket.getInputStream().read() < 0;
        } catch (java.net.SocketException reset) {
            return true;
        }
    }

    /** Whether the other side has closed the connection by now. */
    public boolean closedAlready() throws IOException {
        socket.setSoTimeout(1);
        try {
            return closed();
        } catch (SocketTimeoutException open) {
            return false;
        } finally {
            socket.setSoTimeout(TIMEOUT_MS);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
