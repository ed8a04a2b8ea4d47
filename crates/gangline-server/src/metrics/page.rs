//! The text format of Prometheus.

#![expect(
    clippy::cast_precision_loss,
    reason = "what is measured is exact up to 2^52, and nobody reads it more closely"
)]

use prometheus::proto::{
    Bucket, Counter, Gauge, Histogram, LabelPair, Metric, MetricFamily, MetricType,
};
use prometheus::{Encoder as _, TextEncoder};

use crate::insight::{BOUNDS_MS, Spread};

/// Names and values.
type Labels = Vec<(&'static str, String)>;

/// Families of metrics, in order.
#[derive(Debug, Default)]
pub(super) struct Page {
    families: Vec<MetricFamily>,
}

impl Page {
    pub(super) fn gauge(
        &mut self,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = (Labels, f64)>,
    ) {
        self.family(name, help, MetricType::GAUGE, samples, |metric, value| {
            let mut gauge = Gauge::default();
            gauge.set_value(value);
            metric.set_gauge(gauge);
        });
    }

    pub(super) fn counter(
        &mut self,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = (Labels, f64)>,
    ) {
        self.family(name, help, MetricType::COUNTER, samples, |metric, value| {
            let mut counter = Counter::default();
            counter.set_value(value);
            metric.set_counter(counter);
        });
    }

    pub(super) fn histogram<'s>(
        &mut self,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = (Labels, &'s Spread)>,
    ) {
        self.family(name, help, MetricType::HISTOGRAM, samples, |metric, spread| {
            let mut histogram = Histogram::default();
            histogram.set_sample_count(spread.count);
            histogram.set_sample_sum(spread.sum_ms as f64 / 1_000.0);
            let mut below = 0;
            let buckets = BOUNDS_MS.iter().zip(spread.buckets).map(|(bound, n)| {
                below += n;
                let mut bucket = Bucket::default();
                bucket.set_upper_bound(*bound as f64 / 1_000.0);
                bucket.set_cumulative_count(below);
                bucket
            });
            histogram.set_bucket(buckets.collect());
            metric.set_histogram(histogram);
        });
    }

    /// A family without samples is left out.
    fn family<V>(
        &mut self,
        name: &str,
        help: &str,
        kind: MetricType,
        samples: impl IntoIterator<Item = (Labels, V)>,
        set: impl Fn(&mut Metric, V),
    ) {
        let metrics = samples.into_iter().map(|(labels, value)| {
            let pairs = labels.into_iter().map(|(name, value)| {
                let mut pair = LabelPair::default();
                pair.set_name(name.to_owned());
                pair.set_value(value);
                pair
            });
            let mut metric = Metric::default();
            metric.set_label(pairs.collect());
            set(&mut metric, value);
            metric
        });
        let metrics: Vec<Metric> = metrics.collect();
        if metrics.is_empty() {
            return;
        }
        let mut family = MetricFamily::default();
        family.set_name(name.to_owned());
        family.set_help(help.to_owned());
        family.set_field_type(kind);
        family.set_metric(metrics);
        self.families.push(family);
    }

    pub(super) fn text(&self) -> String {
        let mut text = vec![];
        let encoded = TextEncoder::new().encode(&self.families, &mut text);
        encoded.expect("BUG: a family has a name and samples");
        String::from_utf8(text).expect("BUG: metrics are text")
    }
}
