package io.parallaxfleet.dashboards.http;

import io.parallaxfleet.dashboards.view.ClassKey;
import io.parallaxfleet.dashboards.view.FleetSnapshot;
import io.parallaxfleet.dashboards.view.FleetSnapshot.ClassState;
import io.parallaxfleet.dashboards.view.FleetSnapshot.Measurement;
import io.parallaxfleet.dashboards.view.FleetSnapshot.Point;
import io.parallaxfleet.dashboards.view.FleetSnapshot.PolicyState;
import io.parallaxfleet.dashboards.view.FleetSnapshot.RolloutState;
import io.parallaxfleet.dashboards.view.FleetView;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Locale;
import java.util.function.BiConsumer;
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
        text.rollouts();
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

    private void rollouts() {
        family("parallax_rollout_under_way", "gauge", "1 while new thresholds are rolled out to the class.");
        eachRollout((labels, rollout) -> sample("parallax_rollout_under_way", labels, rollout.underWay() ? 1 : 0));
        family("parallax_rollout_membership_ratio", "gauge", "Share of the class that runs the thresholds of its newest rollout.");
        eachRollout((labels, rollout) -> {
            if (rollout.membershipPerMille() != null) {
                sample("parallax_rollout_membership_ratio", labels, rollout.membershipPerMille() / 1000.0);
            }
        });
        family("parallax_rollout_held", "gauge", "1 where a person or a freeze holds the class.");
        eachRollout((labels, rollout) -> {
            sample("parallax_rollout_held", labels + ",hold=\"paused\"", rollout.paused() ? 1 : 0);
            sample("parallax_rollout_held", labels + ",hold=\"pinned\"", rollout.pinned() ? 1 : 0);
            sample("parallax_rollout_held", labels + ",hold=\"frozen\"", rollout.frozen() ? 1 : 0);
        });
        family("parallax_rollout_measured_devices", "gauge", "Devices behind the newest measurement of the newest rollout.");
        eachMeasured((labels, measured) -> {
            sample("parallax_rollout_measured_devices", labels + ",side=\"members\"", measured.members());
            sample("parallax_rollout_measured_devices", labels + ",side=\"control\"", measured.control());
        });
        family("parallax_rollout_latency_change_ratio", "gauge", "Members' own change less the control's, less 1, with its interval.");
        eachMeasured((labels, measured) -> {
            if (judgesLatency(measured)) {
                judged("parallax_rollout_latency_change_ratio", labels, measured);
            } else {
                change("parallax_rollout_latency_change_ratio", labels + ",of=\"mean\"", measured.guard(), measured.guardLow(),
                        measured.guardHigh());
            }
        });
        family("parallax_rollout_objective_change_ratio", "gauge", "The same of what a rollout for energy is judged by.");
        eachMeasured((labels, measured) -> {
            if (!judgesLatency(measured)) {
                judged("parallax_rollout_objective_change_ratio", labels + ",objective=\"" + measured.objective().toLowerCase(Locale.ROOT)
                        + '"', measured);
            }
        });
    }

    // UNKNOWN is a job of before there were others.
    private static boolean judgesLatency(Measurement measured) {
        return measured.objective().equals("LATENCY") || measured.objective().equals("UNKNOWN");
    }

    private void judged(String name, String labels, Measurement measured) {
        change(name, labels + ",of=\"mean\"", measured.mean(), measured.meanLow(), measured.meanHigh());
        change(name, labels + ",of=\"p95\"", measured.tail(), measured.tailLow(), measured.tailHigh());
    }

    private void change(String name, String labels, Double value, Double low, Double high) {
        if (value != null && low != null && high != null) {
            sample(name, labels + ",bound=\"estimate\"", value);
            sample(name, labels + ",bound=\"low\"", low);
            sample(name, labels + ",bound=\"high\"", high);
        }
    }

    private void eachRollout(BiConsumer<String, RolloutState> emitter) {
        for (ClassState owner : state.classes()) {
            if (owner.rollout() != null) {
                emitter.accept(labels(owner.name(), owner.simulated()), owner.rollout());
            }
        }
    }

    private void eachMeasured(BiConsumer<String, Measurement> emitter) {
        eachRollout((labels, rollout) -> {
            if (rollout.measured() != null) {
                emitter.accept(labels, rollout.measured());
            }
        });
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
