package bcast.testing;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Reads Server-Sent Events as a browser would (WHATWG HTML, section 9.2), but byte by byte. */
public final class EventReader implements AutoCloseable {

    /** An event; one without data only says where the reader stands. */
    public record Event(String type, String id, String data) {
        /** A member of the record that the data is. */
        public String field(String name) {
            return (String) ((Map<?, ?>) Json.parse(data)).get(name);
        }
    }

    /** Comments come all the time, so that the socket's timeout alone does not end a read. */
    private static final long NO_EVENT_NS = 60_000_000_000L;

    private final Socket socket;
    private final InputStream raw;
    private final StringBuilder head = new StringBuilder();
    private BufferedReader lines;
    private String id = "";

    /** Asks for events. */
    public EventReader(int port, String query, String... headers) throws IOException {
        this(connect(port), in -> in, query, headers);
    }

    /** A connection that takes little of what is not read. */
    public static Socket connect(int port) throws IOException {
        Socket socket = new Socket();
        // Small, so that a reader that does not read is noticed soon.
        socket.setReceiveBufferSize(16_384);
        socket.connect(new InetSocketAddress("127.0.0.1", port));
        return socket;
    }

    /** Asks for events on an open connection, which is then read in some way. */
    public EventReader(Socket socket, UnaryOperator<InputStream> way, String query,
            String... headers) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(30_000);
        StringBuilder request = new StringBuilder("GET /events" + query
                + " HTTP/1.1\r\nHost: localhost\r\n");
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        socket.getOutputStream().write(request.append("\r\n").toString()
                .getBytes(StandardCharsets.UTF_8));
        raw = socket.getInputStream();
        while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
            int b = raw.read();
            if (b < 0) {
                throw new EOFException("closed after: " + head);
            }
            head.append((char) b);
        }
        lines = new BufferedReader(new InputStreamReader(new ChunkedBody(way.apply(raw)),
                StandardCharsets.UTF_8));
    }

    /** The answer's status. */
    public int status() {
        return Integer.parseInt(head.substring(9, 12));
    }

    /** A header of the answer. */
    public String header(String name) {
        for (String line : head.toString().split("\r\n")) {
            if (line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":")) {
                return line.substring(name.length() + 1).trim();
            }
        }
        return "";
    }

    /** The next event. */
    public Event next() throws IOException {
        Event event = nextIfAny();
        if (event == null) {
            throw new EOFException("the stream ended");
        }
        return event;
    }

    /** The next event, or null at the end of the stream. */
    public Event nextIfAny() throws IOException {
        String type = "message";
        StringBuilder data = new StringBuilder();
        boolean any = false;
        long began = System.nanoTime();
        try {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (System.nanoTime() - began > NO_EVENT_NS) {
                    throw new IOException("no event in 60 s");
                }
                if (line.isEmpty()) {
                    if (any) {
                        return new Event(type, id, data.toString());
                    }
                } else if (line.startsWith("id: ")) {
                    id = line.substring(4);
                    any = true;
                } else if (line.startsWith("event: ")) {
                    type = line.substring(7);
                } else if (line.startsWith("data: ")) {
                    data.append(line.substring(6));
                }
            }
            return null;
        } catch (SocketException reset) {
            return null;
        }
    }

    @Override
    public void close() throws IOException {
        // TLS would otherwise wait for what the node still sends.
        socket.setSoTimeout(1);
        socket.close();
    }
}
