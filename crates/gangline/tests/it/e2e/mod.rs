//! A real daemon, real job processes, real git, and an agent that plays scripts.

mod backup;
mod brief;
mod crashes;
mod escalation;
mod honesty;
mod hook;
mod http;
mod json;
mod lessons;
mod linked;
mod memory;
mod news;
mod people;
mod planning;
mod reload;
mod review;
mod schedules;
mod steering;
mod streams;
mod top;
mod truth;
mod upkeep;
mod way;
mod webhooks;
mod worker;
