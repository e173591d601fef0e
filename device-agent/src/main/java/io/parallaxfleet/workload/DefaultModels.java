package io.parallaxfleet.workload;

import java.util.List;

/** What devices run when nobody says otherwise. */
public final class DefaultModels {
    /** Two trained models and three architectures, of different sizes. */
    public static final List<String> NAMES = List.of("all-minilm-l6-v2", "ppocrv4-det", "squeezenet1_1", "mobilenet_v2", "googlenet");

    private DefaultModels() {}
}
