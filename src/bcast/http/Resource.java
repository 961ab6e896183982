package bcast.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/** A file of the jar, beside this class. */
final class Resource implements Handler {

    private final String type;
    private final byte[] content;
    private final Map<String, String> headers;

    /** Reads the file. */
    Resource(String name, String type, Map<String, String> headers) {
        this.type = type;
        this.headers = headers;
        this.content = read(name);
    }

    static byte[] read(String name) {
        try (InputStream in = Resource.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks " + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException("cannot read " + name + " in the jar", e);
        }
    }

    @Override
    public void handle(Call call) throws IOException {
        headers.forEach(call::setHeader);
        call.answer(200, type, content);
    }
}
