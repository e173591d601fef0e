package io.parallaxfleet.bench;

import io.parallaxfleet.engine.EngineOptions;
import io.parallaxfleet.prepare.PreparedModel;
import java.util.ArrayList;
import java.util.List;

/** Contenders that are loaded, and closed together: also those that were, when one does not load. */
final class OpenContenders implements AutoCloseable {
    private final List<Contender> contenders = new ArrayList<>();

    /** Loads contenders by their names. */
    static OpenContenders of(List<String> names, PreparedModel model, EngineOptions options) {
        OpenContenders open = new OpenContenders();
        try {
            names.forEach(name -> open.add(Contenders.open(name, model, options)));
            return open;
        } catch (RuntimeException e) {
            open.close();
            throw e;
        }
    }

    void add(Contender contender) {
        contenders.add(contender);
    }

    List<Contender> all() {
        return List.copyOf(contenders);
    }

    @Override
    public void close() {
        contenders.forEach(Contender::close);
    }
}
