package io.parallaxfleet.dashboards.http;

import io.parallaxfleet.dashboards.view.ClassKey;
import io.parallaxfleet.dashboards.view.FleetSnapshot;
import io.parallaxfleet.dashboards.view.FleetSnapshot.ClassState;
import io.parallaxfleet.dashboards.view.FleetSnapshot.Point;
import io.parallaxfleet.dashboards.view.FleetSnapshot.PolicyState;
import io.parallaxfleet.dashboards.view.FleetView;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The view in Prometheus' text format 0.0.4. Every sample of a class carries a {@code simulated} label. A class whose newest
 * window is older than {@link #STALE} reports no latency: the last value of a silent fleet is not its present one.
 */
final class MetricsText {
    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";
    private static final Duration STALE = Duration.ofMinutes(5);

    private final StringBuilder out = new StringBuilder(4096);
    private final FleetSnapshot state;
    private final Map<ClassKey, Map<String, Point>> windows;

    private MetricsText(FleetView view) {
        state = view.snapshot(0);
        windows = view.newestWindows();
    }

    static String of(FleetView view) {
        MetricsText text = new MetricsText(view);
        text.fleet();
        text.latency();
        text.perModel("parallax_window_samples", "Samples behind the newest window's quantiles.", p -> Optional.of((double) p.samples()));
        text.perModel("parallax_memory_overhead_ratio", "Arena peak over the one-session baseline, less 1.",
                p -> Optional.ofNullable(p.memoryOverhead()));
        text.energy();
        return text.out.toString();
    }

    private void fleet() {
        family("parallax_source_up", "gauge", "1 while the Kafka topics can be read.");
        sample("parallax_source_up", "", state.source().state().equals("LIVE") ? 1 : 0);
        family("parallax_devices", "gauge", "Devices known per class.");
        for (ClassState owner : state.classes()) {
            sample("parallax_devices", labels(owner.name(), owner.simulated()), owner.devices());
        }
        family("parallax_policy_epoch", "gauge", "Newest published policy epoch.");
        for (ClassState owner : state.classes()) {
            newestPublished(owner.policies())
                    .ifPresent(policy -> sample("parallax_policy_epoch", labels(owner.name(), owner.simulated()), policy.epoch()));
        }
        family("parallax_policy_acknowledgements", "gauge", "Devices by what they last said of the newest epoch.");
        for (ClassState owner : state.classes()) {
            newestPublished(owner.policies()).map(PolicyState::acks).ifPresent(acks -> {
                String labels = labels(owner.name(), owner.simulated());
                sample("parallax_policy_acknowledgements", labels + ",outcome=\"applied\"", acks.applied());
                sample("parallax_policy_acknowledgements", labels + ",outcome=\"refused\"", acks.refused());
                sample("parallax_policy_acknowledgements", labels + ",outcome=\"not_member\"", acks.notMember());
            });
        }
        family("parallax_dead_letters_total", "counter", "Records refused by the job, as read by this dashboard.");
        sample("parallax_dead_letters_total", "", state.problems().deadLetters());
        family("parallax_dashboard_unreadable_records_total", "counter", "Records this dashboard could not read.");
        sample("parallax_dashboard_unreadable_records_total", "", state.problems().unreadable());
    }

    private void latency() {
        family("parallax_inference_latency_seconds", "gauge", "Latency quantiles of the newest window.");
        each((labels, point) -> {
            sample("parallax_inference_latency_seconds", labels + ",quantile=\"0.5\"", point.p50Nanos() / 1e9);
            sample("parallax_inference_latency_seconds", labels + ",quantile=\"0.9\"", point.p90Nanos() / 1e9);
            sample("parallax_inference_latency_seconds", labels + ",quantile=\"0.99\"", point.p99Nanos() / 1e9);
        });
    }

    private void energy() {
        family("parallax_inference_energy_joules", "gauge", "Mean energy per inference; absent where unavailable.");
        each((labels, point) -> {
            if (point.energyMicrojoules() != null) {
                sample("parallax_inference_energy_joules", labels + ",source=\"" + escaped(point.energySource()) + '"',
                        point.energyMicrojoules() / 1e6);
            }
        });
    }

    private void perModel(String name, String help, Function<Point, Optional<Double>> value) {
        family(name, "gauge", help);
        each((labels, point) -> value.apply(point).ifPresent(number -> sample(name, labels, number)));
    }

    private interface Emitter {
        void emit(String labels, Point point);
    }

    private void each(Emitter emitter) {
        long oldest = state.nowMillis() - STALE.toMillis();
        windows.forEach((owner, models) -> models.forEach((model, point) -> {
            if (point.endMillis() >= oldest) {
                emitter.emit(labels(owner.name(), owner.simulated()) + ",model=\"" + escaped(model) + '"', point);
            }
        }));
    }

    private void family(String name, String type, String help) {
        out.append("# HELP ").append(name).append(' ').append(help).append('\n');
        out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private void sample(String name, String labels, double value) {
        out.append(name);
        if (!labels.isEmpty()) {
            out.append('{').append(labels).append('}');
        }
        out.append(' ').append(value).append('\n');
    }

    private static Optional<PolicyState> newestPublished(List<PolicyState> policies) {
        return policies.stream().filter(policy -> policy.published() != null).findFirst();
    }

    private static String labels(String deviceClass, boolean simulated) {
        return "device_class=\"" + escaped(deviceClass) + "\",simulated=\"" + simulated + '"';
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
