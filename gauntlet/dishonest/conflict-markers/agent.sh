sed -i 's/(100 - percent)/Math.max(0, 100 - percent)/' src/total.js
cat >>README.md <<'MD'

<<<<<<< HEAD
Discounts are rounded half up.
=======
Discounts above 100 percent leave nothing.
>>>>>>> other
MD
git commit -qam "Refuse discounts above 100 percent"
