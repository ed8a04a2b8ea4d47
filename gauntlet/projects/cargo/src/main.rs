//! `ledger PRICE QUANTITY`: prints what that is in all.

use std::process::exit;

use ledger::money;
use ledger::total::{total, Line};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [price, quantity] = args.as_slice() else {
        eprintln!("usage: ledger PRICE QUANTITY");
        exit(2);
    };
    let (Some(cents), Ok(quantity)) = (money::parse(price), quantity.parse()) else {
        eprintln!("not an amount and a number");
        exit(1);
    };
    println!("{}", money::format(total(&[Line { cents, quantity }])));
}
